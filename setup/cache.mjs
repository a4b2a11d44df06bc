/** @file Where downloads are kept between runs. */

import os from "node:os";
import path from "node:path";

/** RADEMARK_CACHE, else $XDG_CACHE_HOME/rademark, else ~/.cache/rademark; absolute, like every path in the environment of a set-up command. */
export function cacheFolder(env) {
  if (env.RADEMARK_CACHE) return path.resolve(env.RADEMARK_CACHE);
  return path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "rademark");
}
