/** @file The address of the server. */

import { UserError } from "../errors.ts";

export const DEFAULT_API = "http://127.0.0.1:8787";

/** @returns the address without a trailing slash. @throws UserError for what is not an address of a server. */
export function apiAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isServer = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash;
  if (!isServer || url.username || url.password)
    throw new UserError(`"${text}" is not an address such as ${DEFAULT_API}`);
  return url.href.replace(/\/+$/, "").replace(/\/v1$/, "");
}
