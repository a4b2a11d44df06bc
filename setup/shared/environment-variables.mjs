/** @file The environment as a person meant it: where its paths start, and invisible characters in it. */

import fs from "node:fs";
import path from "node:path";
import { unseenIn, visibleLine } from "./visible.mjs";

/** Variables that are paths. (Options that are paths are resolved where they are read, from the same folder.) */
const PATHS = [
  "RADEMARK_CACHE",
  "RADEMARK_CONFIG",
  "RADEMARK_IMAGENET",
  "RADEMARK_BROWSER",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "TMPDIR",
];

/** May hold any character: a passphrase is used exactly as it was typed. */
const ANY_TEXT = ["RADEMARK_PASSPHRASE"];
/** Never printed. */
const SECRETS = ["RADEMARK_LOG_SEED", "DATABASE_URL"];

/**
 * The folder a command was called from: `npm run`, `npm start` and `npm --prefix` change into the package's own.
 *
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function callersFolder(env, cwd = process.cwd()) {
  const { INIT_CWD: from, npm_lifecycle_event: script, npm_package_json: manifest } = env;
  if (!from || !script) return cwd;
  // In a script of another package, or in a process started elsewhere below npm, the current folder is meant.
  const isNpmsFolder = !manifest || realPath(path.dirname(manifest)) === realPath(cwd);
  return isNpmsFolder ? path.resolve(from) : cwd;
}

function realPath(folder) {
  try {
    return fs.realpathSync(folder);
  } catch {
    return folder;
  }
}

/**
 * The same environment with absolute paths, so that they mean the same to every process that inherits it.
 *
 * @template {Readonly<Record<string, string | undefined>>} E
 * @param {E} env
 * @returns {E}
 */
export function withAbsolutePaths(env, cwd = process.cwd()) {
  // What `environmentProblems` will refuse stays as it was typed.
  const given = PATHS.filter((name) => env[name] && faultsOf(env[name]) === null);
  const from = callersFolder(env, cwd);
  return {
    ...env,
    ...Object.fromEntries(given.map((name) => [name, path.resolve(from, env[name])])),
  };
}

/**
 * One sentence for each variable that holds invisible characters. A file of variables with Windows line ends, for
 * instance, adds a carriage return to each.
 *
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {string[]}
 */
export function environmentProblems(env) {
  return Object.entries(env).flatMap(([name, value]) => {
    const isOurs = name.startsWith("RADEMARK_") || PATHS.includes(name) || SECRETS.includes(name);
    if (!isOurs || !value || ANY_TEXT.includes(name)) return [];
    const found = faultsOf(value);
    if (found === null) return [];
    const shown = SECRETS.includes(name) ? "" : ` is "${withEscapes(value)}":`;
    return [`${visibleLine(name)}${shown} ${found}.${cure(value)}`];
  });
}

/** Control characters anywhere; spaces and invisible characters at either end. Inside a name they may be meant. */
function faultsOf(value) {
  const controls = unseenIn((value.match(/[\p{Cc}\p{Zl}\p{Zp}]/gu) ?? []).join(""));
  const [first, last] = [value.match(/^./su)[0], value.match(/.$/su)[0]];
  const edges = [...new Set([first, last])].flatMap((each) =>
    each === " " ? ["a space"] : unseenIn(each),
  );
  const found = [...new Set([...controls, ...edges])];
  if (found.length === 0) return null;
  return controls.length > 0
    ? `it must not hold ${found.join(", ")}`
    : `it must not begin or end with ${found.join(", ")}`;
}

function withEscapes(value) {
  return visibleLine(value).replaceAll(/(?! )\p{Zs}/gu, (each) => unseenIn(each).join(""));
}

function cure(value) {
  return value.endsWith("\r")
    ? " Was it read from a file with Windows line ends? Take them out (sed -i 's/\\r$//' FILE)."
    : " Set it again without.";
}
