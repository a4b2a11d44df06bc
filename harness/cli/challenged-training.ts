/** @file Training on a challenge's seeds: commit, learn the seeds, train, hand over; a few configurations at a time. */

import { join } from "node:path";
import type { ChallengeDocument } from "../../record/documents/challenge-document.ts";
import { unsubmittable } from "../../record/submittable.ts";
import type { Client } from "../client/client.ts";
import { ensureRegistered } from "../client/registration.ts";
import { ServerRefusal } from "../client/server-refusal.ts";
import { EXIT, type ExitCode, UserError } from "../errors.ts";
import { requireChallengePlace, takeChallenge } from "../submit/challenge-taking.ts";
import { intentOf } from "../submit/commitment.ts";
import { hasState } from "../submit/folder-state.ts";
import type { Signer } from "../submit/signer.ts";
import { readEnvironment } from "../report/environment.ts";
import type { Environment } from "../sweep/environment.ts";
import { prepareFolder, type OutputFolder, type Wish } from "../sweep/output-folder.ts";
import { folderName, prepareSweep, requireSweepPlace } from "../sweep/sweep-folder.ts";
import type { Effects } from "./effects.ts";
import { train } from "./training.ts";

/** The server lets a key have this many open challenges. */
export const MOST_OPEN = 3;

export interface ChallengedPlan {
  /** A run's own folder, or with `many` a sweep's around all of its runs. */
  root: string;
  /** Their seeds are replaced: the protocol's panel, and what the challenge says. */
  wishes: Wish[];
  many: boolean;
  jobs: number;
  quiet: boolean;
  client: Client;
  signer: Signer;
  /** Id of the entry to be reproduced; null for results of one's own. */
  reproduces: string | null;
  /** Called as soon as a configuration is complete, again when training is done again; submits it, or does not. */
  onTrained: (folder: OutputFolder) => Promise<void>;
  /** The line that goes on with what is left. */
  again: string;
}

/**
 * Trains configurations in their order, in waves of as many as may have open challenges. Between two waves the
 * earlier ones must be submitted, so `onTrained` has to do that where there are more.
 *
 * @throws UserError where a challenge is refused or over, after the others of its wave were trained.
 */
export async function trainWithChallenges(
  plan: ChallengedPlan,
  effects: Effects,
): Promise<{ folders: OutputFolder[]; exitCode: ExitCode }> {
  for (const wish of plan.wishes) requireChallengeable(wish);
  const folders: OutputFolder[] = [];
  let exitCode: ExitCode = EXIT.ok;
  while (folders.length < plan.wishes.length) {
    const wave = nextWave(plan, plan.wishes.slice(folders.length));
    const trained = await trainWave(plan, wave, effects);
    folders.push(...trained.folders);
    if (trained.exitCode !== EXIT.ok) exitCode = trained.exitCode;
    if (exitCode === EXIT.interrupted) break;
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

/** Folders that are listed already have no open challenge and do not count. */
function nextWave(plan: ChallengedPlan, rest: Wish[]): Wish[] {
  let open = 0;
  const end = rest.findIndex(
    (wish) => !hasState(pathOf(plan, wish), "receipt") && ++open > MOST_OPEN,
  );
  return end < 0 ? rest : rest.slice(0, end);
}

function pathOf({ root, many }: ChallengedPlan, { configuration }: Wish): string {
  return many ? join(root, folderName(configuration)) : root;
}

function plannedNames({ wishes }: ChallengedPlan): string[] {
  return wishes.map(({ configuration }) => folderName(configuration));
}

function trainWave(plan: ChallengedPlan, wave: Wish[], effects: Effects) {
  const { root, jobs, quiet, many, onTrained, again } = plan;
  return train(
    {
      root,
      jobs,
      quiet,
      again,
      onFinished: onTrained,
      async prepare(environment) {
        const wishes = await takeChallenges(plan, wave, environment, effects);
        if (many) return prepareSweep(root, wishes, jobs, environment, plannedNames(plan));
        return [prepareFolder(root, wishes[0]!, environment)];
      },
    },
    effects,
  );
}

/** As many of the wave as the server allows; the rest is another wave's. */
async function takeChallenges(
  plan: ChallengedPlan,
  wave: Wish[],
  environment: Environment,
  effects: Effects,
): Promise<Wish[]> {
  const { client, signer, root, many } = plan;
  if (many) requireSweepPlace(root, plannedNames(plan));
  for (const wish of wave) requireChallengePlace(pathOf(plan, wish));
  const isNew = wave.some((wish) => !hasState(pathOf(plan, wish), "challenge"));
  if (isNew) await ensureRegistered(client, await signer.unlock());
  const taken: Wish[] = [];
  for (const wish of wave)
    try {
      taken.push(await withChallenge(plan, wish, environment, effects));
    } catch (error) {
      const isFull = error instanceof ServerRefusal && error.problem === "too-many-challenges";
      if (!isFull || taken.length === 0) throw error;
      break;
    }
  return taken;
}

/** The wish with the seeds of its challenge. */
async function withChallenge(
  plan: ChallengedPlan,
  wish: Wish,
  { harness }: Environment,
  effects: Effects,
): Promise<Wish> {
  const { client, signer, reproduces } = plan;
  const { configuration, protocol } = wish;
  const path = pathOf(plan, wish);
  const isNew = !hasState(path, "challenge");
  const intent = intentOf(configuration, {
    key: signer.publicKey,
    // A folder that is there was begun with its own version, and goes on as such.
    harness: readEnvironment(path)?.harness ?? harness,
    reproduces,
  });
  const challenger = { client, signer, now: effects.now };
  const document = await takeChallenge(path, protocol, intent, challenger);
  if (isNew) tell(wish, document, plan, effects);
  const seeds = [...protocol.panelSeeds, ...document.challenge.seeds];
  return { ...wish, configuration: { ...configuration, seeds } };
}

function tell(
  { configuration: { arch, regs } }: Wish,
  { challenge }: ChallengeDocument,
  { quiet, client }: ChallengedPlan,
  { err }: Effects,
): void {
  if (quiet) return;
  const { id, seeds, expiresAt } = challenge;
  err(
    `${arch} ${regs}: fresh seeds ${seeds.join(", ")}; submit before ${expiresAt} (${client.api}/v1/challenges/${id})\n`,
  );
}
