/** @file Training on a challenge's seeds: commit, learn the seeds, train, hand over; a few configurations at a time. */

import { unsubmittable } from "../../record/configuration.ts";
import { EXIT, type ExitCode, UserError } from "../errors.ts";
import type { Environment } from "../sweep/environment.ts";
import {
  type OutputFolder,
  type Wish,
  folderName,
  prepareFolder,
  prepareSweep,
  requireSweepPlace,
} from "../sweep/output-folder.ts";
import { type ChallengePlan, type Wave, nextWave, takeWave } from "./challenge-wave.ts";
import type { Effects } from "./effects.ts";
import { type TrainingPlan, train } from "./training.ts";

export interface ChallengedPlan extends ChallengePlan {
  /** Their seeds are replaced: the protocol's panel, and what the challenge says. */
  wishes: Wish[];
  jobs: number;
  /** Called as soon as a configuration is complete, again when training is done again; submits it, or does not. */
  onTrained: NonNullable<TrainingPlan["onFinished"]>;
  /** The line that goes on with what is left. */
  again: string;
}

/**
 * Trains configurations in their order, in waves of as many as may have open challenges. Between two waves the
 * earlier ones must be submitted, so `onTrained` has to do that where there are more. A challenge that is refused or
 * over is told to `onRefused`, and the others are trained; once none can be had at all, nothing further is begun.
 */
export async function trainWithChallenges(
  plan: ChallengedPlan,
  effects: Effects,
): Promise<{ folders: OutputFolder[]; exitCode: ExitCode }> {
  for (const wish of plan.wishes) requireChallengeable(wish);
  const folders: OutputFolder[] = [];
  let exitCode: ExitCode = EXIT.ok;
  let rest = plan.wishes;
  while (rest.length > 0) {
    const { wave, ...trained } = await trainWave(plan, nextWave(plan, rest), effects);
    folders.push(...trained.folders);
    if (trained.exitCode !== EXIT.ok) exitCode = trained.exitCode;
    if (wave.isLast || exitCode === EXIT.interrupted) break;
    rest = rest.slice(wave.tried);
  }
  return { folders, exitCode };
}

/** Nothing is committed to that no server would list. */
function requireChallengeable({ configuration, protocol }: Wish): void {
  const reasons = unsubmittable(configuration);
  if (reasons.length > 0)
    throw new UserError(`--challenge is for results that can be submitted: ${reasons.join("; ")}.`);
  if (configuration.seeds.join() !== protocol.panelSeeds.join())
    throw new UserError(
      "--seeds does not go with --challenge: the seeds are the panel's and the challenge's.",
    );
}

async function trainWave(plan: ChallengedPlan, wishes: Wish[], effects: Effects) {
  const { root, jobs, quiet, many, onTrained, again } = plan;
  const planned = plan.wishes.map(({ configuration }) => folderName(configuration));
  let wave: Wave = { taken: [], tried: 0, isLast: true };
  const prepare = async (environment: Environment): Promise<OutputFolder[]> => {
    if (many) requireSweepPlace(root, planned);
    wave = await takeWave(plan, wishes, environment, effects);
    const [first] = wave.taken;
    if (first === undefined) return [];
    return many
      ? prepareSweep(root, wave.taken, jobs, environment, planned)
      : [prepareFolder(root, first, environment)];
  };
  const trained = await train(
    { root, many, jobs, quiet, again, onFinished: onTrained, prepare },
    effects,
  );
  return { ...trained, wave };
}
