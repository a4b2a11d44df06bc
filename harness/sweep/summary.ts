/** @file summary.json, and the end of an output folder: everything in it is derived from final.json files. */

import { join } from "node:path";
import { type Outcome, outcome } from "../../record/summary.ts";
import { unsubmittable } from "../../record/configuration.ts";
import { writeJsonAtomic } from "../files.ts";
import { readRun } from "../report/run-file.ts";
import { writeManifest } from "./manifest.ts";
import type { OutputFolder } from "./output-folder.ts";

/** What `--json` prints of a configuration. */
export interface Summarized extends Outcome {
  /** Why the result cannot be submitted; empty when it can. */
  unsubmittable: string[];
}

/**
 * Recomputes everything from the finished seeds' counts; null before the first is finished.
 *
 * @throws UserError for a final.json that is damaged or does not belong there.
 */
export function summarizeFolder(folder: OutputFolder): Summarized | null {
  const { configuration, protocol } = folder;
  const runs = configuration.seeds.flatMap((seed) => readRun(folder, seed) ?? []);
  const [first, ...others] = runs;
  if (!first) return null;
  return { ...outcome([first, ...others], protocol), unsubmittable: unsubmittable(configuration) };
}

/** Writes summary.json and, last, manifest.json. */
export async function finishFolder(folder: OutputFolder): Promise<void> {
  writeJsonAtomic(join(folder.path, "summary.json"), summarizeFolder(folder));
  await writeManifest(folder.path);
}
