/** @file Where keys and known logs are kept. */

import { homedir } from "node:os";
import { join, resolve } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** RADEMARK_CONFIG, else the XDG config folder's `rademark`; absolute. An empty variable counts as unset. */
export function configFolder(env: Environment): string {
  if (env.RADEMARK_CONFIG) return resolve(env.RADEMARK_CONFIG);
  const config = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config");
  return resolve(config, "rademark");
}

export function keysFolder(env: Environment): string {
  return join(configFolder(env), "keys");
}
