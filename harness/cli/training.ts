/** @file What `run`, `sweep`, `resume` and `start` share: locks, data, training, challenges, and the last message. */

import { existsSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { EXIT, type ExitCode, UserError } from "../errors.ts";
import { makeFolder } from "../files.ts";
import { type Environment, readEnvironment } from "../study/environment.ts";
import { describeEnvironment } from "../study/examined-machine.ts";
import { requireEngine } from "../study/installed-engine.ts";
import { LOCK_FILE, lockFolder, withFolder } from "../train/run-lock.ts";
import { RunLocks } from "../study/run-locks.ts";
import {
  type OutputFolder,
  type PlannedRun,
  isFinished,
  lacksSeeds,
  openFolder,
  pendingSeeds,
  prepareFolder,
} from "../study/run-folder.ts";
import { folderName, prepareSweep, requireSweepPlace } from "../study/sweep-folder.ts";
import { type Interruption, trainFolders } from "../study/pool.ts";
import {
  type Arguments,
  type Values,
  flag,
  inGroup,
  signingArguments,
  workerVariables,
} from "./command.ts";
import { resumeLine, typedLine } from "../command-line.ts";
import { addSeeds } from "./added-seeds.ts";
import type { Effects } from "../effects.ts";
import { fetchDatasets } from "./fetching.ts";
import { createProgress, interruptible } from "./progress.ts";
import type { ChallengeDocument } from "../../record/answers/documents.ts";
import { type Client, ServerRefusal, Unreachable, createClient } from "../listing/client.ts";
import { ensureRegistered } from "../listing/registration.ts";
import {
  intentOf,
  requireChallengePlace,
  setAsideUnanswerable,
  takeChallenge,
} from "../listing/challenge-taking.ts";
import { hasState } from "../listing/folder-state.ts";
import { type NamedSigner, type Signer, createKeyring } from "../listing/signer.ts";
import { unsubmittable } from "../../record/configuration.ts";
import { createListingCheck, deliver } from "../listing/delivery.ts";
import { type DeliveryReport, createDeliveryReport, sayWhatBecomesPublic } from "./deliveries.ts";
import { requireTrainable } from "./readiness.ts";
import { besides, fewSeeds, madeElsewhere, seedsThere } from "./seed-notes.ts";

interface TrainingPlan {
  /** The run's folder; with `many`, the sweep's folder, which holds those of its runs. */
  root: string;
  many: boolean;
  jobs: number;
  /** GPUs for the workers, as CUDA names them; null: what this process sees. */
  devices: readonly string[] | null;
  quiet: boolean;
  /** SHA-256 of the custom sources that may run. */
  code: readonly string[];
  /** Makes or opens the output folders, once the root is locked; with the seeds that are to be added to them. */
  prepare: (environment: Environment) => OutputFolder[] | Promise<OutputFolder[]>;
  /**
   * Called for every folder as soon as it is complete.
   *
   * @param makeRoom to be called right before anything is printed.
   */
  onFinished?: (folder: OutputFolder, makeRoom: () => void) => Promise<void>;
  /** Has the folders trained on other machines, and waits for them; unless given, this one trains. */
  elsewhere?: (folders: OutputFolder[], interruption: Interruption) => Promise<ExitCode>;
  /** The command that continues what is left; unless it is given, `rademark resume ROOT` where that does. */
  again?: string | undefined;
  /** The words of this command, which continue what is not in the folders yet. */
  typed: readonly string[];
}

/** Trains everything unfinished; says on stderr how to continue if something is left. */
export async function train(
  plan: TrainingPlan,
  effects: Effects,
): Promise<{ folders: OutputFolder[]; exitCode: ExitCode }> {
  const ended = await trainOpen(plan, effects).catch((error: unknown) => {
    // Interrupted before any training: while waiting for a lock, or fetching data.
    if (!(error instanceof UserError) || error.exitCode !== EXIT.interrupted) throw error;
    return { folders: [], exitCode: error.exitCode };
  });
  sayHowToContinue(ended.exitCode, plan.again ?? againLine(plan, ended.folders, effects), effects);
  return ended;
}

/** `resume` trains what is in the folders; a folder that was in use to the end has not been given its seeds. */
function againLine(
  { root, typed }: TrainingPlan,
  folders: OutputFolder[],
  effects: Effects,
): string {
  const isKept = folders.length > 0 && !folders.some(lacksSeeds);
  return isKept ? resumeLine(root, effects) : typedLine(typed, effects);
}

function trainOpen(
  plan: TrainingPlan,
  effects: Effects,
): Promise<{ folders: OutputFolder[]; exitCode: ExitCode }> {
  const words = plan.elsewhere && "This command stops; what was submitted goes on.";
  const work = async (interruption: Interruption) => {
    const { root, many, jobs, devices, quiet, onFinished, code, elsewhere } = plan;
    makeFolder(root);
    const waits = { onWait: (line: string) => effects.err(`${line}\n`), signal: interruption.stop };
    // A sweep's own folder is locked only while its plan is made, by one process after another.
    const lock = await lockFolder(root, many ? { ...waits, patience: Infinity } : waits);
    try {
      const locks = new RunLocks(waits, many ? null : { folder: root, lock });
      const environment = describeEnvironment(effects.now());
      const folders = await prepareAll(plan, { locks, environment }, effects);
      if (many) lock.release();
      const open = folders.filter((folder) => pendingSeeds(folder).length > 0);
      if (!interruption.stop.aborted) await fetchDatasets(open, effects, quiet);
      if (elsewhere) return { folders, exitCode: await elsewhere(folders, interruption) };
      const listener = createProgress(effects, quiet);
      const exitCode = await trainFolders(folders, {
        ...{ worker: effects.worker, variables: workerVariables(effects.env) },
        ...{ jobs, devices: devices ?? [], code, locks, listener, interruption, environment },
        onFinished: onFinished && ((folder) => onFinished(folder, listener.makeRoom)),
      });
      return { folders, exitCode };
    } finally {
      lock.release();
    }
  };
  return interruptible(effects, work, words);
}

async function prepareAll(
  plan: TrainingPlan,
  { locks, environment }: { locks: RunLocks; environment: Environment },
  effects: Effects,
): Promise<OutputFolder[]> {
  const folders = await plan.prepare(environment);
  for (const { path, configuration } of folders) requireEngine(path, configuration);
  const say = (line: string) => plan.quiet || effects.err(`${line}\n`);
  // Of other machines nothing is known here.
  const here = plan.elsewhere ? null : environment;
  await addSeeds(folders, { locks, environment: here, say });
  for (const line of here === null ? [] : madeElsewhere(folders, here)) say(line);
  const there = seedsThere(plan, folders, effects.cwd);
  if (there !== null) say(there);
  if (folders.length > 0)
    for (const line of fewSeeds([...folders, ...besides(plan.root, folders)])) say(line);
  return folders;
}

function sayHowToContinue(exitCode: ExitCode, again: string, effects: Effects): void {
  if (exitCode === EXIT.ok) return;
  const what =
    exitCode === EXIT.interrupted
      ? "Interrupted. Go on with:"
      : "Not everything could be trained. Try again with:";
  effects.err(`${what} ${again}\n`);
}

export const challengeArguments = inGroup("to publish", {
  challenge: flag("commit first, then train the panel and the fresh seeds that the server draws"),
  submit: flag("submit as soon as a configuration is trained"),
  ...signingArguments,
} as const satisfies Arguments);

/** The server lets a key have this many open challenges. */
const MOST_OPEN = 3;

interface ChallengePlan {
  /** The run's folder; with `many`, the sweep's folder, which holds those of its runs. */
  root: string;
  many: boolean;
  devices: readonly string[] | null;
  quiet: boolean;
  client: Client;
  /** The key that commits and signs for an output folder. */
  signerOf: (folder: string) => Signer;
  /** Id of the entry to be reproduced; null for results of one's own. */
  reproduces: string | null;
  /** Called for each challenge that cannot be taken or is over. */
  onRefused: (refusal: UserError) => void;
  /** Moves folders away whose challenge is over or another server's, and takes new challenges. */
  renews: boolean;
}

interface Wave {
  /** The planned runs that have a challenge, with its seeds. */
  taken: PlannedRun[];
  /** How many planned runs, from the first, this wave has dealt with; the others belong to the next. */
  tried: number;
  /** No further challenge can be taken now. */
  isLast: boolean;
}

/** Runs that are already listed have no open challenge, so they do not count. */
function nextWave(plan: Pick<ChallengePlan, "root" | "many">, rest: PlannedRun[]): PlannedRun[] {
  let open = 0;
  const end = rest.findIndex(
    (plannedRun) => !hasState(outputPath(plan, plannedRun), "receipt") && ++open > MOST_OPEN,
  );
  return end < 0 ? rest : rest.slice(0, end);
}

function outputPath(
  { root, many }: Pick<ChallengePlan, "root" | "many">,
  { configuration }: PlannedRun,
): string {
  return many ? join(root, folderName(configuration)) : root;
}

/** Takes as many challenges of the wave as the server allows. A refusal of one does not stop the others. */
async function takeWave(
  plan: ChallengePlan,
  plannedRuns: PlannedRun[],
  environment: Environment,
  effects: Effects,
): Promise<Wave> {
  const taken: PlannedRun[] = [];
  for (const [tried, plannedRun] of plannedRuns.entries())
    try {
      taken.push(await withChallenge(plan, plannedRun, environment, effects));
    } catch (error) {
      if (!(error instanceof UserError) || error.exitCode === EXIT.interrupted) throw error;
      const isFull = error instanceof ServerRefusal && error.problem === "too-many-challenges";
      // Room is made when those taken are submitted.
      if (isFull && taken.length > 0) return { taken, tried, isLast: false };
      plan.onRefused(refusalOf(plannedRun, error));
      if (isFull || error instanceof Unreachable) return { taken, tried, isLast: true };
    }
  return { taken, tried: plannedRuns.length, isLast: false };
}

function refusalOf({ configuration: { arch, regs } }: PlannedRun, error: UserError): UserError {
  return new UserError(`${arch} ${regs}: ${error.message}`, error.exitCode, { cause: error });
}

/** The planned run with the seeds of its challenge. */
async function withChallenge(
  plan: ChallengePlan,
  plannedRun: PlannedRun,
  environment: Environment,
  effects: Effects,
): Promise<PlannedRun> {
  const { client } = plan;
  const { configuration, protocol } = plannedRun;
  const path = outputPath(plan, plannedRun);
  if (plan.renews) await renew(plan, path, effects);
  const signer = plan.signerOf(path);
  const isNew = !hasState(path, "challenge");
  if (isNew) {
    requireChallengePlace(path);
    if (plan.reproduces === null)
      sayWhatBecomesPublic({ path, configuration }, "commit", effects, plannedRun.sources);
    await ensureRegistered(client, await signer.unlock());
  }
  const intent = intentOf(configuration, {
    key: signer.publicKey,
    // A folder that exists was begun with some version, and continues under that one.
    harness: readEnvironment(path)?.harness ?? environment.harness,
    reproduces: plan.reproduces,
  });
  const challenger = { client, signer, now: effects.now };
  const document = await takeChallenge(path, protocol, intent, challenger);
  if (isNew) announceChallenge(plannedRun, document, plan, effects);
  const seeds = [...protocol.panelSeeds, ...document.challenge.seeds];
  return { ...plannedRun, configuration: { ...configuration, seeds } };
}

/** The old folder goes beside the root, as a sweep's folder holds nothing but its own output folders. */
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

function announceChallenge(
  { configuration: { arch, regs } }: PlannedRun,
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

/** Training on a challenge's seeds: commit, receive the seeds, train, submit; a few configurations at a time. */
interface ChallengedPlan extends ChallengePlan {
  /** Their seeds are replaced by the protocol's panel and those of the challenge. */
  plannedRuns: PlannedRun[];
  jobs: number;
  /** Called as soon as a configuration is complete, and again when the command is repeated; may submit it. */
  onTrained: NonNullable<TrainingPlan["onFinished"]>;
  /** The command that continues what is left. */
  again: string;
  typed: readonly string[];
}

/**
 * Trains configurations in order, in waves of as many as may have open challenges at once. Each wave must be submitted
 * before the next, so where there are several, `onTrained` has to submit. A challenge that is refused or over is
 * reported to `onRefused`, and the others are trained; when no challenge can be taken at all, nothing more is begun.
 */
export async function trainWithChallenges(
  plan: ChallengedPlan,
  effects: Effects,
): Promise<{ folders: OutputFolder[]; exitCode: ExitCode }> {
  for (const plannedRun of plan.plannedRuns) requireChallengeable(plannedRun);
  const folders: OutputFolder[] = [];
  let exitCode: ExitCode = EXIT.ok;
  let rest = plan.plannedRuns;
  while (rest.length > 0) {
    const { wave, ...trained } = await trainWave(plan, nextWave(plan, rest), effects);
    folders.push(...trained.folders);
    if (trained.exitCode !== EXIT.ok) exitCode = trained.exitCode;
    if (wave.isLast || exitCode === EXIT.interrupted) break;
    rest = rest.slice(wave.tried);
  }
  return { folders, exitCode };
}

/** Refuses to commit to what no server would list. */
function requireChallengeable({ configuration, protocol }: PlannedRun): void {
  const reasons = unsubmittable(configuration, protocol);
  if (reasons.length > 0)
    throw new UserError(`--challenge is for results that can be submitted: ${reasons.join("; ")}.`);
  if (configuration.seeds.join() !== protocol.panelSeeds.join())
    throw new UserError(
      "--seeds does not go with --challenge: the seeds are the panel's and the challenge's.",
    );
}

async function trainWave(plan: ChallengedPlan, plannedRuns: PlannedRun[], effects: Effects) {
  const { root, jobs, devices, quiet, many, onTrained, again, typed } = plan;
  const code = digestsOf(plannedRuns);
  const planned = plan.plannedRuns.map(({ configuration }) => folderName(configuration));
  let wave: Wave = { taken: [], tried: 0, isLast: true };
  const prepare = async (environment: Environment): Promise<OutputFolder[]> => {
    if (many) requireSweepPlace(root, planned);
    wave = await takeWave(plan, plannedRuns, environment, effects);
    const [first] = wave.taken;
    if (first === undefined) return [];
    return many
      ? prepareSweep(root, wave.taken, jobs, environment, { planned })
      : [prepareFolder(root, first, environment)];
  };
  const trained = await train(
    { root, many, jobs, devices, quiet, again, typed, code, onFinished: onTrained, prepare },
    effects,
  );
  return { ...trained, wave };
}

/** `--challenge` and `--submit` of `run` and `sweep`: training whose results are to be listed. */
export interface BoardPlan extends Values<typeof challengeArguments> {
  root: string;
  plannedRuns: PlannedRun[];
  /** A sweep, even of one configuration. */
  many: boolean;
  jobs: number;
  devices: readonly string[] | null;
  quiet: boolean;
  /** stdout carries one JSON document and nothing else. */
  json: boolean;
  /** Makes or opens the output folders when no challenge decides their seeds. */
  prepare: (environment: Environment) => OutputFolder[];
  /** As in `ChallengePlan`. */
  renews: boolean;
  /** The words of the command, which continue what is left when typed again. */
  typed: readonly string[];
}

interface TrainedForBoards {
  folders: OutputFolder[];
  /** That of the training. */
  exitCode: ExitCode;
  /** That of the training unless it is 0; else that of challenges and submissions. */
  exitCodeOfAll: ExitCode;
}

type SignerOf = (folder: string) => NamedSigner;

/** Trains; takes challenges and submits if asked to. */
export async function trainForBoards(plan: BoardPlan, effects: Effects): Promise<TrainedForBoards> {
  requireRoom(plan);
  await requireTrainable(openPlannedRuns(plan), plan, effects);
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

/** The planned runs that are not finished. */
function openPlannedRuns(plan: BoardPlan): PlannedRun[] {
  return plan.plannedRuns.filter((plannedRun) => {
    const path = outputPath(plan, plannedRun);
    if (!existsSync(join(path, "config.json"))) return true;
    return !isFinished(openFolder(path)) || pendingSeeds({ ...plannedRun, path }).length > 0;
  });
}

function requireRoom({ challenge, submit, plannedRuns }: BoardPlan): void {
  if (challenge && !submit && plannedRuns.length > MOST_OPEN)
    throw new UserError(
      `a key has at most ${MOST_OPEN} open challenges, and these are ${plannedRuns.length} configurations: add --submit.`,
    );
}

/** Asks for passphrases before the training, not hours later in the middle of the night. */
async function unlockKeys(plan: BoardPlan, signerOf: SignerOf): Promise<void> {
  for (const plannedRun of plan.plannedRuns) {
    const path = outputPath(plan, plannedRun);
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
  const typed = typedLine(plan.typed, effects);
  const again = isForBoards ? typed : undefined;
  const code = digestsOf(plan.plannedRuns);
  if (!plan.challenge) return train({ ...plan, code, again, onFinished: onTrained }, effects);
  const onRefused = (refusal: UserError) => report.onRefusal(refusal);
  const challenged = { client: createClient(plan), signerOf, reproduces: null, onRefused };
  return trainWithChallenges({ ...plan, ...challenged, again: typed, onTrained }, effects);
}

/** Of the custom code of planned runs, which was given by path, or which somebody was asked for. */
function digestsOf(plannedRuns: readonly PlannedRun[]): string[] {
  return plannedRuns.flatMap(({ configuration: { source, regSource } }) =>
    [source, regSource].filter((digest) => digest !== null),
  );
}

/** The refusal of one result must not stop the training of the others. */
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
      makeRoom();
      sayWhatBecomesPublic(folder, "submit", effects);
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
