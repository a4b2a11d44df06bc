/** @file A read changes nothing, so it may be asked for twice. */

import { isTransient } from "../../db/home/unavailable.ts";

/** Once more where the connection broke, or the query lost against another's. @throws what it threw the last time. */
export async function triedAgain<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isTransient(error)) throw error;
    return read();
  }
}
