/** @file How a person names an entry, or another statement: its id, or an address that ends with it. */

import { Digest } from "../../record/run.ts";
import { UserError } from "../errors.ts";

/** @throws UserError for what is neither. */
export function entryId(text: string): string {
  const last = text.trim().replace(/\/+$/, "").split("/").at(-1)!.toLowerCase();
  if (Digest.safeParse(last).success) return last;
  throw new UserError(
    `"${text}" is not an id: 64 hexadecimal digits, or an address ending in them`,
  );
}
