/** @file Which Node runs the product: the one in use, or the one that an npm package carries. */

import fs from "node:fs";
import path from "node:path";
import { EXIT, SetupError } from "./entry.mjs";

/** The first Node that strips types by itself, without a flag. */
const NEEDED = [22, 18];

/** True where `version` ("22.18.0") can run the product's TypeScript files. */
export function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/** @returns {string | null} path of a Node for the product, null when the packages hold none */
export function findNode(root, version = process.versions.node) {
  if (isNewEnough(version)) return process.execPath;
  const carried = `${root}/node_modules/node-${process.platform}-${process.arch}/bin/node`;
  return fs.existsSync(carried) ? carried : null;
}

/** Says how to get a Node where no npm package carries one (for macOS the packages stop at 18.9). */
export function requireNode(root, version = process.versions.node) {
  const node = findNode(root, version);
  if (node !== null) return node;
  const how =
    process.platform === "darwin"
      ? "On macOS no npm package carries one. Install it: brew install node (or: nvm install 24)"
      : "The package that carries one did not arrive. Get it: rm -rf node_modules, then run again";
  throw new SetupError(
    `Rademark runs on Node ${NEEDED.join(".")} or newer; this is ${version}.\n${how}`,
    EXIT.tooOld,
  );
}

/** The environment of every child process: that Node comes first in PATH, also for a child's children. */
export function withNodeFirst(node, env) {
  return { ...env, PATH: `${path.dirname(node)}${path.delimiter}${env.PATH ?? ""}` };
}
