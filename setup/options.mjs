/**
 * @file The options that the set-up itself depends on, as the command line reads them: flag, then environment, then
 * config file (harness/cli/command.ts, which plain Node 20 cannot import).
 */

import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { SetupError } from "./entry.mjs";

/** Key in a config file and flag, and the variable. */
export const OPTIONS = {
  engine: "RADEMARK_ENGINE",
  cache: "RADEMARK_CACHE",
  configFolder: "RADEMARK_CONFIG",
};
const PATHS = ["RADEMARK_CACHE", "RADEMARK_CONFIG"];
const CONFIG = "RADEMARK_CONFIG_FILE";

/**
 * The environment with each option in its variable, wherever it was given; paths are absolute. Mistakes in a
 * command line are left to the command itself, but not a config file that cannot be read, as it may name an engine.
 * @param {string[]} args of a command, its name first or not
 * @returns {NodeJS.ProcessEnv}
 */
export function withOptions(args, env, cwd = callersFolder(env)) {
  const given = flags(args);
  const config = given.config || env[CONFIG];
  const file = config ? readConfig(path.resolve(cwd, config), config) : {};
  const found = Object.entries(OPTIONS).flatMap(([key, variable]) => {
    const value = given[key] ?? (env[variable] || file[key]);
    if (value === undefined || value === null) return [];
    return [[variable, typeof value === "string" ? value : JSON.stringify(value)]];
  });
  const options = Object.fromEntries(found);
  for (const name of PATHS) if (options[name]) options[name] = path.resolve(cwd, options[name]);
  return { ...env, ...options };
}

/** `npm run` changes into the package's folder, but relative paths start where it was called. */
function callersFolder(env) {
  return (env.npm_lifecycle_event === "rademark" && env.INIT_CWD) || process.cwd();
}

/** The last value of each option, up to `--`. */
function flags(args) {
  const option = { type: "string" };
  const keys = ["config", ...Object.keys(OPTIONS)];
  const options = Object.fromEntries(keys.map((key) => [flagName(key), option]));
  const { values } = parseArgs({ args, options, strict: false, allowPositionals: true });
  const given = keys.map((key) => [key, values[flagName(key)]]);
  return Object.fromEntries(given.filter(([, value]) => typeof value === "string"));
}

const flagName = (key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function readConfig(file, shown) {
  let value;
  try {
    value = JSON.parse(fs.readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
  } catch (cause) {
    const reason = cause.code === "ENOENT" ? "there is no such file" : cause.message;
    throw new SetupError(`--config ${shown}: ${reason}`, undefined, { cause });
  }
  return typeof value === "object" && value !== null ? value : {};
}
