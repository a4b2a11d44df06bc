/** @file `npm run replicate`: trains what the replication plan asks for, in many sittings, and puts the reference together. */

import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { count, flag, readOptions, text } from "../bench/load/tool-options.ts";
import { cacheFolder } from "../harness/data/cache-folder.ts";
import { realEffects } from "../harness/effects.ts";
import { EXIT, type ExitCode, UserError } from "../harness/errors.ts";
import { explainDisk } from "../harness/files.ts";
import { formatBytes } from "../harness/format.ts";
import { requestStop } from "../harness/ending.ts";
import { RecordError } from "../record/problem.ts";
import { cellKey } from "../record/replication/reference.ts";
import { assemble } from "./assemble.ts";
import { plannedCells } from "./cells.ts";
import { type OpenLog, closeFounding, withLog } from "./log.ts";
import { listStep } from "./listing.ts";
import { progressOf, progressTable } from "./progress.ts";
import { reproduce } from "./reproduction.ts";
import { type Sitting, worse } from "./sitting.ts";
import { plannedSteps, quickSteps } from "./steps.ts";
import { storeAt } from "./store.ts";
import { trainStep } from "./training.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Entries that another key reproduces. */
const REPRODUCED = 10;

const given = readOptions(
  "npm run replicate: trains and lists what docs/replication-plan.md asks for; continues where it stopped",
  {
    plan: flag("print what there is to do, in which order and at what cost, and do nothing"),
    quick: flag("eight cells of two networks alone, in about a quarter of an hour"),
    jobs: count(availableParallelism(), "trainings at the same time, one thread each"),
    minutes: count(7 * 24 * 60, "end this sitting after so long"),
    quiet: flag("no progress"),
    assemble: flag("train nothing; write reference/ from what is finished"),
    close: flag("with --assemble: then remove the private keys, for good"),
    reproduce: flag("train nothing new; reproduce ten entries by another key on other seeds"),
    folder: text(
      join(cacheFolder(realEffects.env), "replication"),
      "where runs, log and keys are kept",
    ),
    out: text(join(ROOT, "reference"), "with --assemble: where the two files go"),
  },
);

const store = storeAt(resolve(realEffects.cwd, given.folder));
const steps = given.quick ? quickSteps() : plannedSteps();

const effects = realEffects;
const words = process.argv.slice(2);
const again = ["npm run replicate", ...(words.length > 0 ? ["--"] : []), ...words].join(" ");
const sitting: Sitting = { store, jobs: given.jobs, quiet: given.quiet, again, effects };

const task = taskOf(given);
process.exitCode = await task().catch((thrown: unknown) => {
  const error = explainDisk(thrown);
  if (!(error instanceof UserError || error instanceof RecordError)) throw error;
  effects.err(`replicate: ${error.message}\n`);
  return error instanceof UserError ? error.exitCode : EXIT.verification;
});

/** One thing at a time. */
function taskOf({ plan, assemble, reproduce, close }: typeof given): () => Promise<ExitCode> {
  const asked = [plan, assemble, reproduce].filter(Boolean).length;
  if (asked > 1) return refuse("--plan, --assemble and --reproduce do not go together");
  if (close && !assemble) return refuse("--close goes with --assemble");
  if (plan) return showPlan;
  if (assemble) return assembleAll;
  return reproduce ? reproduceSome : trainAll;
}

function refuse(line: string): never {
  process.stderr.write(`${line} (--help lists the options)\n`);
  process.exit(EXIT.usage);
}

function showPlan(): Promise<ExitCode> {
  effects.out(`${progressTable(progressOf(steps, store), given.jobs)}Kept in ${store.root}\n`);
  return Promise.resolve(EXIT.ok);
}

async function trainAll(): Promise<ExitCode> {
  await showPlan();
  if (given.quick) effects.out("--quick: these cells alone; no verdict can be drawn from them.\n");
  setTimeout(requestStop, given.minutes * 60_000).unref();
  let exitCode: ExitCode = EXIT.ok;
  for (const [i, step] of steps.entries()) {
    const [before] = progressOf([step], store);
    if (before!.done === before!.cells) continue;
    effects.err(`\n[${i + 1}/${steps.length}] ${step.title}\n`);
    const list = () => withLog(sitting, (log) => listStep(step, sitting, log));
    exitCode = worse(exitCode, await (step.kind === "list" ? list() : trainStep(step, sitting)));
    if (exitCode === EXIT.interrupted) return exitCode;
  }
  await showPlan();
  return exitCode;
}

async function assembleAll(): Promise<ExitCode> {
  const folder = resolve(realEffects.cwd, given.out);
  const write = (log: OpenLog) => assemble(plannedCells(), folder, store, log);
  const { reference, bytes } = await withLog(sitting, write);
  const { runs, reproductions } = reference;
  const entries = new Set(runs.flatMap(({ entry }) => entry ?? [])).size;
  const cells = new Set(runs.map(cellKey)).size;
  effects.out(
    `Runs: ${runs.length}, of ${cells} cells; entries: ${entries}; reproductions: ${reproductions.length}.\n` +
      `${folder}: log.jsonl.gz ${formatBytes(bytes.log)}, runs.jsonl.gz ${formatBytes(bytes.runs)}\n`,
  );
  await showPlan();
  if (given.close) closeFounding(store);
  if (given.close) effects.out("The private keys are removed.\n");
  return EXIT.ok;
}

async function reproduceSome(): Promise<ExitCode> {
  setTimeout(requestStop, given.minutes * 60_000).unref();
  const again = (log: OpenLog) => reproduce(REPRODUCED, steps, sitting, log);
  const { exitCode, reproduced } = await withLog(sitting, again);
  effects.out(`${reproduced} entries are reproduced, of ${REPRODUCED} that are asked for.\n`);
  return exitCode;
}
