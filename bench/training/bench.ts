/** @file `rademark bench`: races this product against PyTorch and TensorFlow's Python, and measures its own overhead. */

import { join } from "node:path";
import { cacheFolder } from "../../harness/data/cache-folder.ts";
import type { Environment } from "../../harness/study/environment.ts";
import { describeEnvironment } from "../../harness/study/examined-machine.ts";
import { CASES, CEILING_GOAL, type Case, stepFlops } from "./cases.ts";
import {
  type Child,
  type Competitors,
  THREADS,
  startCompetitors,
  startHere,
} from "./contestants.ts";
import { parallelGain, processorRatio, timeRatio } from "./comparisons.ts";
import { EFFORTS, type Effort, median, race, turnsOf } from "./race.ts";
import { STUDY_NAMES, type StudyRow, raceStudies } from "./study.ts";
import type { Heads, LoaderAnswer, MemoryAnswer, RecordAnswer } from "./race-questions.ts";

interface BenchOptions {
  /** Some of BENCH_NAMES; null: all but the studies. */
  only: readonly string[] | null;
  /** Few, short turns: shows that everything works, but measures nothing. */
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
  studies: StudyRow[];
}

type Say = (line: string) => void;

const MICRO_BATCH = 100;
const HEADS_MODELS = ["cnn-16", "wrn-16-1", "mlp-512"] as const;
const FROZEN_MODELS = ["cnn-16", "wrn-16-1", "mlp-256"] as const;
const CONTROLS_MODELS = ["cnn-16", "mlp-256"] as const;
const MEASURES_MODELS = ["wrn-16-1", "cnn-16", "mlp-256"] as const;
/** Features of cifar10-1, with its headline n; its capacity takes 8 labellings, its selectivity 99. */
const REFITTED = { samples: 50_000, width: 256, n: 2000 };
export const LOADER_MODEL = "vit-ti-32";
const PARALLEL_MODELS = ["wrn-16-1", "mlp-128"] as const;

const each = async (models: readonly string[], one: (model: string) => Promise<number>) => {
  const found: Record<string, number> = {};
  for (const model of models) found[model] = await one(model);
  return found;
};

const micro = (model: string, heads: Heads) => ({ model, batch: MICRO_BATCH, heads });

const measures: Measures = {
  heads: (here, effort) =>
    each(HEADS_MODELS, (model) =>
      timeRatio(here, micro(model, "micro-1 without frozen"), micro(model, "none"), effort),
    ),

  frozen: (_, effort) =>
    each(FROZEN_MODELS, (model) =>
      processorRatio(micro(model, "micro-1"), micro(model, "micro-1 without frozen"), effort),
    ),

  async javascript(here, { rounds }) {
    const shares: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const question = { ask: "javascript", model: "wrn-16-1", batch: 128, steps: 8 } as const;
      const { seconds, outsideSeconds } = await here.ask<"javascript">(question);
      shares.push(outsideSeconds / seconds);
    }
    return median(shares);
  },

  controls: (here) =>
    each(CONTROLS_MODELS, async (model) => {
      const run = await here.ask<"run">({ ask: "run", model });
      const { trainSeconds, evaluateSeconds, controlSeconds } = run;
      return controlSeconds / (trainSeconds + evaluateSeconds + controlSeconds);
    }),

  measures: (here) =>
    each(MEASURES_MODELS, async (model) => {
      const run = await here.ask<"run">({ ask: "run", model, measures: true });
      const { trainSeconds, evaluateSeconds, controlSeconds, measureSeconds } = run;
      return measureSeconds / (trainSeconds + evaluateSeconds + controlSeconds - measureSeconds);
    }),

  async refits(here, { turnSeconds }) {
    const found: Record<string, number> = {};
    const asked = { ask: "refits", ...REFITTED, ...(turnSeconds < 1 && { samples: 500 }) } as const;
    for (const redraws of [8, 99]) {
      const { processorSeconds } = await here.ask<"refits">({ ...asked, redraws });
      found[`${redraws} refits, m ${asked.samples}, D ${asked.width}, n ${asked.n}`] =
        processorSeconds;
    }
    return found;
  },

  record: (here) => here.ask<"record">({ ask: "record", model: "resnet-18", batch: 128 }),

  // A small batch, because a leak would grow with the number of steps.
  memory: (here, { turnSeconds }) =>
    here.ask<"memory">({
      ask: "memory",
      model: "wrn-16-1",
      batch: 16,
      steps: turnSeconds < 1 ? 100 : 1000,
    }),

  parallel: (here, effort) =>
    each(PARALLEL_MODELS, (model) => parallelGain(here, micro(model, "micro-1"), effort)),

  loader: (here, { turnSeconds }) => {
    const size =
      turnSeconds < 1 ? { batch: 16, files: 8, rounds: 1 } : { batch: 256, files: 128, rounds: 5 };
    return here.ask<"loader">({ ask: "loader", model: LOADER_MODEL, ...size });
  },
};

const overheadNames = Object.keys(measures) as (keyof Overhead)[];

const caseNames = CASES.map(({ name }) => name);

const USUAL_NAMES: readonly string[] = [...caseNames, ...overheadNames];

export const BENCH_NAMES: readonly string[] = [...USUAL_NAMES, ...STUDY_NAMES];

/** @param say one line of progress. @throws UserError when a competitor cannot be installed. */
export async function bench(options: BenchOptions, say: Say): Promise<BenchResult> {
  const chosen = options.only ?? USUAL_NAMES;
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
  const how = { cache: options.cache ?? cacheFolder(), quick: options.quick };
  result.studies = await raceStudies(chosen, how, say);
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

/** Gives each measurement its own process, so that none begins in the memory that another left. */
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
    studies: [],
  };
}

/** Speeds in images per second. */
export interface Row {
  name: string;
  batch: number;
  here: number;
  torch: number;
  torchCompiled: number;
  tensorflow: number;
  /** Speed relative to the faster of PyTorch eager and compiled. */
  ratio: number;
  goal: number;
  /** Speed relative to TensorFlow's own tf.function from Python. */
  ceilingRatio: number;
  ceilingGoal: number;
  /** Operations a second that `here` is worth. */
  flops: number;
  /** Whether the machine was left alone: speeds measured beside other programs say little. */
  quiet: boolean;
}

async function raceRow(
  row: Case,
  here: Child,
  { torch, torchCompiled, tensorflow }: Competitors,
  effort: Effort,
): Promise<Row> {
  const takes = [];
  for (const child of [here, torch, torchCompiled, tensorflow])
    takes.push(await turnsOf(child, { model: row.name, batch: row.batch }, effort));
  const placings = await race(takes, effort.rounds, effort.patienceSeconds);
  const [own, eager, compiled, ceiling] = placings.map(({ seconds }) => row.batch / seconds) as [
    number,
    number,
    number,
    number,
  ];
  return {
    name: row.name,
    batch: row.batch,
    here: own,
    torch: eager,
    torchCompiled: compiled,
    tensorflow: ceiling,
    ratio: own / Math.max(eager, compiled),
    goal: row.goal,
    ceilingRatio: own / ceiling,
    ceilingGoal: CEILING_GOAL,
    flops: own * stepFlops(row),
    quiet: placings.every(({ quiet }) => quiet),
  };
}

const SGEMM = { size: 1536, repeats: 4 };

/** The best float32 matrix product either library shows, operations a second. */
async function sgemmRate(children: readonly Child[]): Promise<number> {
  let best = 0;
  for (const child of [...children, ...children]) {
    const { seconds } = await child.ask<"sgemm">({ ask: "sgemm", ...SGEMM });
    best = Math.max(best, (2 * SGEMM.size ** 3 * SGEMM.repeats) / seconds);
  }
  return best;
}

/** What the product costs beside the training itself. */
export interface Overhead {
  /** Time of a step with micro-1's heads on the trained trunk over one without heads, for each architecture. */
  heads: Record<string, number>;
  /** Processor time of a step with all of micro-1's heads over one without those on the frozen trunk, on one thread. */
  frozen: Record<string, number>;
  /** Share of a wrn-16-1 step outside TensorFlow's session calls. */
  javascript: number;
  /** Share of a whole micro-1 run that its controls take. */
  controls: Record<string, number>;
  /** What `--measures` adds to a whole micro-1 run, as a share of the run without them. */
  measures: Record<string, number>;
  /** Processor time of a factorisation and of refits, by how many they are and how large. */
  refits: Record<string, number>;
  /** For resnet-18: recording and loading, then the first step, which optimizes the graph. */
  record: RecordAnswer;
  /** Over 1,000 steps: tensors and resident memory at each tenth. */
  memory: MemoryAnswer;
  /** Time of two runs one after the other over the time of both at once, on two cores. */
  parallel: Record<string, number>;
  /** imagenet-1's decoding alone, and its training alone. */
  loader: LoaderAnswer;
}

type Measures = { [K in keyof Overhead]: (here: Child, effort: Effort) => Promise<Overhead[K]> };
