/** @file Finds out which TensorFlow library this checkout's addon is linked to, without loading it. */

import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Configuration } from "../../record/configuration.ts";
import { UserError } from "../errors.ts";

export interface InstalledEngine {
  engine: Configuration["engine"];
  /** Version of the library; null when the set-up has not recorded it. */
  tensorflow: string | null;
}

/** The set-up records it in engine.json beside the addon; a library put there by hand counts as CPU. */
export function installedEngine(): InstalledEngine {
  try {
    const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-node-gpu/package.json");
    const addon = realpathSync(join(dirname(entry), "lib", "napi-v8", "tfjs_binding.node"));
    const note = readFileSync(join(dirname(addon), "engine.json"), "utf8");
    const { engine, tensorflow } = JSON.parse(note) as InstalledEngine;
    return { engine, tensorflow };
  } catch {
    return { engine: "cpu", tensorflow: null };
  }
}

/**
 * The set-up installs the engine that is asked for; a command that was started without it has what is installed.
 *
 * @throws UserError when that is another engine than the one asked for.
 */
export function requireInstalled(asked: Configuration["engine"] | "auto"): void {
  const here = installedEngine().engine;
  if (asked === "auto" || asked === here) return;
  throw new UserError(
    `engine ${asked} is asked for, but this checkout has ${here}. Start it as npm run -s rademark, which installs ${asked}, or ask for ${here}.`,
  );
}

/** @throws UserError when a folder was begun with another engine, which would give other numbers. */
export function requireEngine(path: string, { engine }: Configuration): void {
  const here = installedEngine().engine;
  if (engine === here) return;
  throw new UserError(
    `${path} was begun with the ${engine} engine, but this checkout has ${here}. Add --engine ${engine}, or choose another --out.`,
  );
}
