/** @file `rademark bench`: races this product against PyTorch and TensorFlow's Python, and measures its own overhead. */

import { join } from "node:path";
import { cacheFolder } from "../data/cache-folder.ts";
import { describeEnvironment, type Environment } from "../sweep/environment.ts";
import { CASES, type Case } from "./cases.ts";
import type { Child } from "./child.ts";
import { startCompetitors, startHere, THREADS, type Competitors } from "./contestants.ts";
import { measures, type Overhead } from "./overhead.ts";
import { caseNames, raceRow, sgemmRate, type Row } from "./rows.ts";
import { EFFORTS, type Effort } from "./turns.ts";

export interface BenchOptions {
  /** Some of BENCH_NAMES; null: all. */
  only: readonly string[] | null;
  /** Short turns and few of them: shows that everything works, measures nothing. */
  quick: boolean;
  /** Where the competitors are installed. */
  cache?: string;
}

export interface BenchResult {
  quick: boolean;
  environment: Environment;
  threads: number;
  versions: Record<string, string>;
  /** Operations a second of the best float32 matrix product; null where no row was raced. */
  sgemmFlops: number | null;
  rows: Row[];
  overhead: Partial<Overhead>;
}

type Say = (line: string) => void;

const overheadNames = Object.keys(measures) as (keyof Overhead)[];
export const BENCH_NAMES: readonly string[] = [...caseNames, ...overheadNames];

/** @param say one line of progress. @throws UserError when a competitor cannot be installed. */
export async function bench(options: BenchOptions, say: Say): Promise<BenchResult> {
  const chosen = options.only ?? BENCH_NAMES;
  const effort = EFFORTS[options.quick ? "quick" : "full"];
  const rows = CASES.filter(({ name }) => chosen.includes(name));
  const result = blankResult(options.quick);
  if (rows.length > 0) await raceRows(rows, result, effort, say, options.cache);
  for (const name of overheadNames.filter((known) => chosen.includes(known))) {
    say(`measuring ${name}`);
    await withHere(async (here) => {
      Object.assign(result.versions, here.hello);
      Object.assign(result.overhead, { [name]: await measures[name](here, effort) });
    });
  }
  return result;
}

async function raceRows(
  rows: readonly Case[],
  result: BenchResult,
  effort: Effort,
  say: Say,
  cache = cacheFolder(),
) {
  say("installing PyTorch and TensorFlow for Python, unless they are there");
  const rivals = await startCompetitors(join(cache, "bench"));
  try {
    Object.assign(result.versions, versionsOf(rivals));
    for (const row of rows) {
      say(`racing ${row.name}`);
      await withHere(async (here) => {
        Object.assign(result.versions, here.hello);
        const rate = await sgemmRate([here, rivals.torch]);
        result.sgemmFlops = Math.max(result.sgemmFlops ?? 0, rate);
        result.rows.push(await raceRow(row, here, rivals, effort));
      });
    }
  } finally {
    for (const child of [rivals.torch, rivals.torchCompiled, rivals.tensorflow])
      await child.close();
  }
}

/** A process of its own for each measurement: none begins in the memory that another left. */
async function withHere(work: (here: Child) => Promise<void>): Promise<void> {
  const here = await startHere();
  try {
    await work(here);
  } finally {
    await here.close();
  }
}

function versionsOf({ torch, tensorflow, installedBytes }: Competitors): Record<string, string> {
  const size = (bytes: number) => `${Math.round(bytes / 1e6)} MB installed`;
  return {
    torch: `${torch.hello["torch"]} (${size(installedBytes.torch)})`,
    tensorflowPython: `${tensorflow.hello["tensorflow"]} (${size(installedBytes.tensorflow)})`,
    python: torch.hello["python"]!,
  };
}

function blankResult(quick: boolean): BenchResult {
  return {
    quick,
    environment: describeEnvironment(Date.now()),
    threads: THREADS,
    versions: {},
    sgemmFlops: null,
    rows: [],
    overhead: {},
  };
}
