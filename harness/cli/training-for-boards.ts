/** @file `--challenge` and `--submit` of `run` and `sweep`: training whose results are to be listed. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "../client/client.ts";
import { EXIT, type ExitCode, UserError } from "../errors.ts";
import { createListingCheck, deliver } from "../submit/delivery.ts";
import { hasState } from "../submit/folder-state.ts";
import { type NamedSigner, createKeyring } from "../submit/signer.ts";
import type { Environment } from "../sweep/environment.ts";
import { type OutputFolder, type Wish, isFinished, openFolder } from "../sweep/output-folder.ts";
import type { challengeArguments } from "./challenge-arguments.ts";
import { MOST_OPEN, outputPath } from "./challenge-wave.ts";
import { trainWithChallenges } from "./challenged-training.ts";
import type { Values } from "./command.ts";
import { resumeLine, typedLine } from "./command-line.ts";
import { type DeliveryReport, createDeliveryReport } from "./deliveries.ts";
import type { Effects } from "./effects.ts";
import { requireTrainable } from "./readiness.ts";
import { type TrainingPlan, train } from "./training.ts";

export interface BoardPlan extends Values<typeof challengeArguments> {
  root: string;
  wishes: Wish[];
  /** A sweep, even of one. */
  many: boolean;
  jobs: number;
  quiet: boolean;
  /** stdout is kept for one document. */
  json: boolean;
  /** Makes or opens the output folders where no challenge decides their seeds. */
  prepare: (environment: Environment) => OutputFolder[];
  /** As in a challenge's plan. */
  renews: boolean;
  /** The command's words: they go on with what is left. */
  typed: readonly string[];
}

export interface TrainedForBoards {
  folders: OutputFolder[];
  /** Of the training. */
  exitCode: ExitCode;
  /** Of the training, else of what came of challenges and submissions. */
  exitCodeOfAll: ExitCode;
}

type SignerOf = (folder: string) => NamedSigner;

/** Trains, with a challenge where it is asked for, and submits where that is asked for. */
export async function trainForBoards(plan: BoardPlan, effects: Effects): Promise<TrainedForBoards> {
  requireRoom(plan);
  await requireTrainable(openWishes(plan), plan, effects);
  const report = createDeliveryReport({ ...effects, out: plan.json ? effects.err : effects.out });
  const keyring = createKeyring(effects);
  const signerOf: SignerOf = (folder) => keyring.of(folder, plan.key);
  if (plan.challenge || plan.submit) await unlockKeys(plan, signerOf);
  try {
    const { folders, exitCode } = await trainAndSubmit(plan, signerOf, report, effects);
    const exitCodeOfAll = exitCode === EXIT.ok ? report.exitCode() : exitCode;
    return { folders, exitCode, exitCodeOfAll };
  } finally {
    report.sayWhatWaits();
  }
}

/** Those that are not trained to the end yet. */
function openWishes(plan: BoardPlan): Wish[] {
  return plan.wishes.filter((wish) => {
    const path = outputPath(plan, wish);
    return !existsSync(join(path, "config.json")) || !isFinished(openFolder(path));
  });
}

function requireRoom({ challenge, submit, wishes }: BoardPlan): void {
  if (challenge && !submit && wishes.length > MOST_OPEN)
    throw new UserError(
      `a key has at most ${MOST_OPEN} open challenges, and these are ${wishes.length} configurations: add --submit.`,
    );
}

/** Whoever is to be asked for a passphrase is asked before the training, not in the middle of a night. */
async function unlockKeys(plan: BoardPlan, signerOf: SignerOf): Promise<void> {
  for (const wish of plan.wishes) {
    const path = outputPath(plan, wish);
    const isSigned = hasState(path, "receipt") || hasState(path, "submission");
    if (!isSigned) await signerOf(path).unlock();
  }
}

function trainAndSubmit(
  plan: BoardPlan,
  signerOf: SignerOf,
  report: DeliveryReport,
  effects: Effects,
): Promise<{ folders: OutputFolder[]; exitCode: ExitCode }> {
  const onTrained = plan.submit
    ? submitterOf(plan, signerOf, report, effects)
    : () => Promise.resolve();
  const isForBoards = plan.challenge || plan.submit;
  const again = isForBoards ? typedLine(plan.typed, effects) : resumeLine(plan.root, effects);
  if (!plan.challenge) return train({ ...plan, again, onFinished: onTrained }, effects);
  const onRefused = (refusal: UserError) => report.onRefusal(refusal);
  const challenged = { client: createClient(plan), signerOf, reproduces: null, onRefused };
  return trainWithChallenges({ ...plan, ...challenged, again, onTrained }, effects);
}

/** A refusal of one result must not stop the training of the others. */
function submitterOf(
  { api }: BoardPlan,
  signerOf: SignerOf,
  report: DeliveryReport,
  effects: Effects,
): NonNullable<TrainingPlan["onFinished"]> {
  const client = createClient({ api });
  const isListed = createListingCheck(client);
  return async (folder, makeRoom) => {
    try {
      if (await isListed(folder.path)) return;
      const signer = signerOf(folder.path);
      const delivery = await deliver(folder, client, signer, null, effects);
      makeRoom();
      report.onDelivery(delivery);
    } catch (error) {
      if (!(error instanceof UserError) || error.exitCode === EXIT.interrupted) throw error;
      makeRoom();
      report.onRefusal(error);
    }
  };
}
