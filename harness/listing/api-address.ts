/** @file Which server is spoken to. */

import { UserError } from "../errors.ts";

export const DEFAULT_API = "http://127.0.0.1:8787";

/** Without a slash at its end. @throws UserError for what is no address of a server. */
export function apiAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isServer = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash;
  if (!isServer || url.username || url.password)
    throw new UserError(`"${text}" is not an address such as ${DEFAULT_API}`);
  return url.href.replace(/\/+$/, "").replace(/\/v1$/, "");
}
