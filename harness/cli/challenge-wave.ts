/** @file The challenges of a wave of configurations: as many as a key may have open, each a folder's own. */

import { existsSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { ChallengeDocument } from "../../record/documents/entry-document.ts";
import { type Client, ServerRefusal, Unreachable } from "../client/client.ts";
import { ensureRegistered } from "../client/registration.ts";
import { EXIT, UserError } from "../errors.ts";
import { type Environment, readEnvironment } from "../sweep/environment.ts";
import {
  intentOf,
  requireChallengePlace,
  setAsideUnanswerable,
  takeChallenge,
} from "../submit/challenge-taking.ts";
import { hasState } from "../submit/folder-state.ts";
import type { Signer } from "../submit/signer.ts";
import { LOCK_FILE, withFolder } from "../sweep/lock.ts";
import { type Wish, folderName } from "../sweep/output-folder.ts";
import type { Effects } from "./effects.ts";

/** The server lets a key have this many open challenges. */
export const MOST_OPEN = 3;

export interface ChallengePlan {
  /** A run's own folder, or with `many` a sweep's around all of its runs. */
  root: string;
  many: boolean;
  quiet: boolean;
  client: Client;
  /** The key that commits and signs for an output folder. */
  signerOf: (folder: string) => Signer;
  /** Id of the entry to be reproduced; null for results of one's own. */
  reproduces: string | null;
  /** Hears of each challenge that cannot be had or is over. */
  onRefused: (refusal: UserError) => void;
  /** Sets folders aside whose challenge is over or not this server's, and takes new challenges. */
  renews: boolean;
}

export interface Wave {
  /** The wishes that have a challenge, with its seeds. */
  taken: Wish[];
  /** How many are done with, from the first; the others are the next wave's. */
  tried: number;
  /** No further challenge can be had now. */
  isLast: boolean;
}

/** Folders that are listed already have no open challenge and do not count. */
export function nextWave(plan: Pick<ChallengePlan, "root" | "many">, rest: Wish[]): Wish[] {
  let open = 0;
  const end = rest.findIndex(
    (wish) => !hasState(outputPath(plan, wish), "receipt") && ++open > MOST_OPEN,
  );
  return end < 0 ? rest : rest.slice(0, end);
}

export function outputPath(
  { root, many }: Pick<ChallengePlan, "root" | "many">,
  { configuration }: Wish,
): string {
  return many ? join(root, folderName(configuration)) : root;
}

/** As many of the wave as the server allows. What keeps one back leaves the others alone. */
export async function takeWave(
  plan: ChallengePlan,
  wishes: Wish[],
  environment: Environment,
  effects: Effects,
): Promise<Wave> {
  const taken: Wish[] = [];
  for (const [tried, wish] of wishes.entries())
    try {
      taken.push(await withChallenge(plan, wish, environment, effects));
    } catch (error) {
      if (!(error instanceof UserError) || error.exitCode === EXIT.interrupted) throw error;
      const isFull = error instanceof ServerRefusal && error.problem === "too-many-challenges";
      // Those taken make room once they are submitted.
      if (isFull && taken.length > 0) return { taken, tried, isLast: false };
      plan.onRefused(refusalOf(wish, error));
      if (isFull || error instanceof Unreachable) return { taken, tried, isLast: true };
    }
  return { taken, tried: wishes.length, isLast: false };
}

function refusalOf({ configuration: { arch, regs } }: Wish, error: UserError): UserError {
  return new UserError(`${arch} ${regs}: ${error.message}`, error.exitCode, { cause: error });
}

/** The wish with the seeds of its challenge. */
async function withChallenge(
  plan: ChallengePlan,
  wish: Wish,
  environment: Environment,
  effects: Effects,
): Promise<Wish> {
  const { client } = plan;
  const { configuration, protocol } = wish;
  const path = outputPath(plan, wish);
  if (plan.renews) await renew(plan, path, effects);
  const signer = plan.signerOf(path);
  const isNew = !hasState(path, "challenge");
  if (isNew) {
    requireChallengePlace(path);
    await ensureRegistered(client, await signer.unlock());
  }
  const intent = intentOf(configuration, {
    key: signer.publicKey,
    // A folder that is there was begun with its own version, and goes on as such.
    harness: readEnvironment(path)?.harness ?? environment.harness,
    reproduces: plan.reproduces,
  });
  const challenger = { client, signer, now: effects.now };
  const document = await takeChallenge(path, protocol, intent, challenger);
  if (isNew) tell(wish, document, plan, effects);
  const seeds = [...protocol.panelSeeds, ...document.challenge.seeds];
  return { ...wish, configuration: { ...configuration, seeds } };
}

/** Beside the root, as a sweep's folder holds its own output folders only. */
async function renew(
  { root, client }: ChallengePlan,
  path: string,
  { now, err }: Effects,
): Promise<void> {
  const aside = join(`${root}-over`, basename(path));
  const move = () => setAsideUnanswerable(path, aside, { client, now });
  const moved = existsSync(path) ? await withFolder(path, {}, move) : null;
  if (moved !== null) rmSync(join(moved.path, LOCK_FILE), { force: true });
  if (moved !== null) err(`${moved.reason} It is kept as ${moved.path}; a new one is taken.\n`);
}

function tell(
  { configuration: { arch, regs } }: Wish,
  { challenge }: ChallengeDocument,
  { quiet, client }: ChallengePlan,
  { err }: Effects,
): void {
  if (quiet) return;
  const { id, seeds, expiresAt } = challenge;
  err(
    `${arch} ${regs}: fresh seeds ${seeds.join(", ")}; submit before ${expiresAt} (${client.api}/v1/challenges/${id})\n`,
  );
}
