/** @file How far a run has come, kept in its checkpoint so that a killed run goes on as if nothing had happened. */

import { existsSync } from "node:fs";
import { z } from "zod";
import { EpochCounts } from "../../record/run.ts";
import { readCheckpoint, restoreCheckpoint, writeCheckpoint } from "../engine/checkpoint.ts";
import { EXIT, UserError } from "../errors.ts";
import type { Trainer } from "./trainer.ts";

const Progress = z.strictObject({
  /** Finished epochs. */
  epochs: z.array(EpochCounts),
  /** Steps done in the current one. */
  step: z.int().min(0),
  trainSeconds: z.number().min(0),
});
export type Progress = z.infer<typeof Progress>;

export const noProgress = (): Progress => ({ epochs: [], step: 0, trainSeconds: 0 });

/** @param run says which run this is: protocol, configuration and seed. */
export function saveProgress(
  path: string,
  trainer: Trainer,
  progress: Progress,
  run: string,
): void {
  const metadata = { run, progress: JSON.stringify(progress) };
  writeCheckpoint(path, trainer.session, trainer.built.state, metadata);
}

/**
 * Restores the session and says how far it is; from the start where there is no checkpoint.
 *
 * @throws UserError when the checkpoint is damaged or another run's.
 */
export function loadProgress(path: string, trainer: Trainer, run: string): Progress {
  if (!existsSync(path)) return noProgress();
  const checkpoint = readCheckpoint(path);
  const { run: found, progress } = checkpoint.metadata;
  if (found !== run || !progress)
    throw new UserError(
      `${path} belongs to another run (${found}), this is ${run}. Delete it to start over.`,
      EXIT.verification,
    );
  restoreCheckpoint(trainer.session, trainer.built.state, checkpoint);
  return Progress.parse(JSON.parse(progress));
}
