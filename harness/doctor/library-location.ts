/** @file Where the TensorFlow of this checkout is, and which versions go together; nothing is loaded. */

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const ROOT = new URL("../../", import.meta.url);

const readRootJson = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(path, ROOT), "utf8"));

export function harnessVersion(): string {
  return (readRootJson("package.json") as { version: string }).version;
}

/** The addon's real path, which is beside the library; null when the set-up has not put one there. */
export function findAddon(): string | null {
  const require = createRequire(import.meta.url);
  const packageFile = require.resolve("@tensorflow/tfjs-node-gpu/package.json");
  const link = join(dirname(packageFile), "lib", "napi-v8", "tfjs_binding.node");
  return existsSync(link) ? realpathSync(link) : null;
}

/** The version of TensorFlow that the set-up of this checkout fetches. */
export function pinnedVersion(): string {
  return (readRootJson("setup/wheels.json") as { tensorflow: string }).tensorflow;
}

/** The command that fetches and builds the engine anew; one built by hand is the person's own. */
export function rebuildCommand(addon: string | null): string {
  const isOurs = addon !== null && existsSync(join(dirname(addon), "engine.json"));
  return isOurs ? `rm -rf '${dirname(addon)}' && npm start` : "npm start";
}
