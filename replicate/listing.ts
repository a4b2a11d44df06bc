/**
 * @file Has cells listed. The panel's seeds are public, so its runs may exist before a challenge; the commitment comes
 * before the fresh seeds are drawn, and those are then trained into a folder that takes over the panel's runs.
 */

import { cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { train } from "../harness/cli/training.ts";
import { EXIT, type ExitCode, UserError } from "../harness/errors.ts";
import { makeFolder } from "../harness/files.ts";
import {
  intentOf,
  setAsideUnanswerable,
  takeChallenge,
} from "../harness/listing/challenge-taking.ts";
import { ServerRefusal } from "../harness/listing/client.ts";
import { deliver } from "../harness/listing/delivery.ts";
import { hasState } from "../harness/listing/folder-state.ts";
import { ensureRegistered } from "../harness/listing/registration.ts";
import { readEnvironment } from "../harness/study/environment.ts";
import { type OutputFolder, finalPath, openFolder } from "../harness/study/run-folder.ts";
import { prepareSweep } from "../harness/study/sweep-folder.ts";
import { readTrained } from "../harness/study/trained.ts";
import type { PlannedCell } from "./cells.ts";
import type { OpenLog } from "./log.ts";
import { type Sitting, worse } from "./sitting.ts";
import type { Step } from "./steps.ts";
import { cellPath, finishedSeeds, listedPath, listedSweepPath, outputName } from "./store.ts";
import { planRun } from "./training.ts";

/** Lists what is trained and not listed, a few at a time. */
export async function listStep(step: Step, sitting: Sitting, log: OpenLog): Promise<ExitCode> {
  const open = step.cells.filter((cell) => !isListed(sitting, cell));
  const [ready, lacking] = [true, false].map((has) =>
    open.filter((cell) => hasPanel(step, sitting, cell) === has),
  ) as [PlannedCell[], PlannedCell[]];
  for (const { network, regs } of lacking)
    sitting.effects.err(`${network} ${regs}: not listed, as its panel is not whole.\n`);
  await ensureRegistered(log.client, await log.signer.unlock());
  let exitCode: ExitCode = EXIT.ok;
  for (let rest = ready; rest.length > 0 && exitCode !== EXIT.interrupted;) {
    const wave = rest.slice(0, MOST_OPEN);
    rest = rest.slice(wave.length);
    exitCode = worse(exitCode, await listWave(wave, step, sitting, log));
  }
  return exitCode === EXIT.ok ? log.report.exitCode() : exitCode;
}

export function isListed({ store }: Pick<Sitting, "store">, cell: PlannedCell): boolean {
  return hasState(listedPath(store, cell), "receipt");
}

/** The server lets a key have this many open challenges. */
const MOST_OPEN = 3;

function hasPanel(step: Step, { store }: Sitting, cell: PlannedCell): boolean {
  const seeds = step.seeds(cell);
  return finishedSeeds(cellPath(store, cell), seeds).length === seeds.length;
}

/** One command's worth: commitments, fresh seeds, training, signing, sending; each of it is safe to repeat. */
async function listWave(
  cells: readonly PlannedCell[],
  step: Step,
  { store, jobs, quiet, again }: Sitting,
  log: OpenLog,
): Promise<ExitCode> {
  const root = listedSweepPath(store, cells[0]!);
  const { exitCode } = await train(
    {
      ...{ root, many: true, jobs, devices: null, quiet, code: [], typed: [], again },
      prepare: async () => {
        const folders: OutputFolder[] = [];
        for (const cell of cells)
          folders.push(...(await challenged(cell, { root, step, store, jobs, log })));
        return folders;
      },
      onFinished: (folder) => submit(folder, log),
    },
    log.effects,
  );
  return exitCode;
}

interface Challenge extends Pick<Sitting, "store" | "jobs"> {
  root: string;
  step: Step;
  log: OpenLog;
}

/** The folder with its challenge, the panel's runs and the fresh seeds to train; none where the server refuses. */
async function challenged(
  cell: PlannedCell,
  { root, step, store, jobs, log: { client, signer, report, effects } }: Challenge,
): Promise<OutputFolder[]> {
  const [from, path] = [cellPath(store, cell), listedPath(store, cell)];
  const panel = step.seeds(cell);
  const trained = openFolder(from);
  readTrained(trained); // its runs are vouched for by another manifest from now on
  const environment = readEnvironment(from)!;
  const { configuration, protocol } = trained;
  const intent = intentOf(configuration, {
    ...{ key: signer.publicKey, harness: environment.harness, reproduces: null },
  });
  try {
    const aside = join(store.root, "over", outputName(cell));
    await setAsideUnanswerable(path, aside, { client, now: effects.now });
    const challenger = { client, signer, now: effects.now };
    const { challenge } = await takeChallenge(path, protocol, intent, challenger);
    const plannedRun = planRun(cell, [...panel, ...challenge.seeds]);
    const planned = step.cells.map(outputName);
    const folders = prepareSweep(root, [plannedRun], jobs, environment, { planned });
    for (const seed of panel) adopt(from, path, seed, join(store.root, "adopted.partial"));
    return folders;
  } catch (error) {
    const isRefusal = error instanceof UserError && error.exitCode !== EXIT.interrupted;
    if (!isRefusal) throw error;
    report.onRefusal(error);
    const isFull = error instanceof ServerRefusal && error.problem === "too-many-challenges";
    if (isFull) effects.err(`${cell.network} ${cell.regs} waits for the next sitting.\n`);
    return [];
  }
}

/** Copies a run with all of its files; a kill leaves all of them or none. */
function adopt(from: string, to: string, seed: number, draft: string): void {
  if (existsSync(finalPath(to, seed))) return;
  const place = join(to, "seeds", String(seed));
  for (const left of [draft, place]) rmSync(left, { recursive: true, force: true });
  cpSync(join(from, "seeds", String(seed)), draft, { recursive: true });
  makeFolder(join(to, "seeds"));
  renameSync(draft, place);
}

/** The refusal of one result must not stop the others. */
async function submit(folder: OutputFolder, log: OpenLog): Promise<void> {
  const { client, signer, report, effects } = log;
  if (hasState(folder.path, "receipt")) return;
  try {
    report.onDelivery(await deliver(folder, client, signer, null, effects));
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode === EXIT.interrupted) throw error;
    report.onRefusal(error);
  }
}
