/** @file Where downloads are kept between runs. */

import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** RADEMARK_CACHE, else the XDG cache folder's `rademark`; absolute. An empty variable counts as unset. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env["RADEMARK_CACHE"]) return resolve(env["RADEMARK_CACHE"]);
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "rademark");
}

export function datasetsFolder(cache: string): string {
  return join(cache, "datasets");
}
