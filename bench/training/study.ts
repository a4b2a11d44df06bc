/**
 * @file A study raced against a PyTorch script that does the same: some runs of one configuration with everything that a
 * run measures, from the command to the last file.
 *
 * PyTorch runs in two arrangements, two one-thread processes at a time and one process with all threads, and the faster
 * one counts. Everything takes turns. Training is a whole number of equal epochs, so only the first few are trained,
 * and the time of the others is added from these; the rest of a run does not depend on their number.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { datasetsFolder } from "../../harness/data/cache-folder.ts";
import { UserError } from "../../harness/errors.ts";
import { protocols } from "../../record/protocols.ts";
import { Run } from "../../record/run.ts";
import type { Environment } from "../../harness/study/environment.ts";
import { type Column, left, markdownTable, right } from "./markdown-table.ts";
import { circumstances, writePart } from "./written-part.ts";
import { THREADS, installTorch } from "./contestants.ts";
import { median } from "./race.ts";

interface StudyModel {
  arch: string;
  /** Of micro-1's epochs, how many are trained. */
  epochs: number;
}

/** Epochs so that every contestant's run takes half a minute or so. */
const MODELS: readonly StudyModel[] = [
  { arch: "mlp-512", epochs: 10 },
  { arch: "cnn-16", epochs: 5 },
  { arch: "wrn-16-1", epochs: 2 },
  { arch: "vit-ti-16", epochs: 2 },
];

/** Runs of a study, and rounds: the runs of a large one are repetitions already. */
const STUDIES = [
  { runs: 2, rounds: 2 },
  { runs: 8, rounds: 1 },
] as const;

/** Least ratio to the faster arrangement of PyTorch. */
export const STUDY_GOAL = 2.5;

/** `study` stands for all of them. */
export const STUDY_NAMES: readonly string[] = [
  "study",
  ...MODELS.map(({ arch }) => `study-${arch}`),
];

/** What one turn of a contestant took: as measured, but with all of micro-1's epochs. */
interface Took {
  seconds: number;
  /** Of all its processes together. */
  processorSeconds: number;
}

/** Means over runs, as shares of 1: what shows that both did the same. */
interface Results {
  trainAccuracy: number;
  testAccuracy: number;
  /** RL-acc of the heads at the last tap and the headline n, and of those on the frozen trunk. */
  headAccuracy: number;
  frozenAccuracy: number;
  /** Of the redraws' refits at the same place. */
  refitAccuracy: number;
}

export interface StudyRow {
  arch: string;
  runs: number;
  /** Epochs trained, of `allEpochs`. */
  epochs: number;
  allEpochs: number;
  /** Medians over rounds. `pair`: two one-thread processes; `whole`: one process with all threads. */
  here: Took;
  pair: Took;
  whole: Took;
  /** Seconds of the faster PyTorch over ours, the median over rounds; and the same in processor time. */
  ratio: number;
  processorRatio: number;
  results: { here: Results; torch: Results };
}

/** @param names those of STUDY_NAMES among them count. @throws UserError without CIFAR-10, or when PyTorch cannot be installed. */
export async function raceStudies(
  names: readonly string[],
  { cache, quick }: { cache: string; quick: boolean },
  say: (line: string) => void,
): Promise<StudyRow[]> {
  const models = MODELS.filter(
    ({ arch }) => names.includes("study") || names.includes(`study-${arch}`),
  );
  if (models.length === 0) return [];
  const data = join(datasetsFolder(cache), "cifar10");
  if (!existsSync(join(data, "train.bin")))
    throw new UserError("The studies are trained on CIFAR-10. Run: rademark data fetch cifar10");
  const { python } = installTorch(join(cache, "bench"));
  const rows: StudyRow[] = [];
  for (const model of models)
    for (const size of quick ? [{ runs: 2, rounds: 1 }] : STUDIES) {
      say(`racing a study of ${model.arch}, ${size.runs} runs`);
      const study = { ...model, ...(quick && { epochs: 2 }), ...size };
      rows.push(await raceStudy(study, { python, data, cache }));
    }
  return rows;
}

interface Study extends StudyModel {
  runs: number;
  rounds: number;
}

interface Places {
  python: string;
  data: string;
  cache: string;
}

const CONTESTANTS = ["here", "pair", "whole"] as const;
type Contestant = (typeof CONTESTANTS)[number];

async function raceStudy(study: Study, places: Places): Promise<StudyRow> {
  const took: Record<Contestant, Took[]> = { here: [], pair: [], whole: [] };
  const results: Partial<Record<Contestant, Results>> = {};
  for (let round = 0; round < study.rounds; round++)
    for (const k of CONTESTANTS.keys()) {
      const contestant = CONTESTANTS[(k + round) % CONTESTANTS.length]!;
      const turn = await takeTurn(contestant, study, places);
      took[contestant].push(turn.took);
      results[contestant] = turn.results;
    }
  const ratios = (what: keyof Took) =>
    median(
      took.here.map((own, i) => Math.min(took.pair[i]![what], took.whole[i]![what]) / own[what]),
    );
  return {
    arch: study.arch,
    runs: study.runs,
    epochs: study.epochs,
    allEpochs: micro.epochs,
    here: medianOf(took.here),
    pair: medianOf(took.pair),
    whole: medianOf(took.whole),
    ratio: ratios("seconds"),
    processorRatio: ratios("processorSeconds"),
    results: { here: results.here!, torch: results.pair! },
  };
}

const micro = protocols["micro-1"]!;

const medianOf = (turns: readonly Took[]): Took => ({
  seconds: median(turns.map(({ seconds }) => seconds)),
  processorSeconds: median(turns.map(({ processorSeconds }) => processorSeconds)),
});

async function takeTurn(contestant: Contestant, study: Study, places: Places) {
  const out = mkdtempSync(join(tmpdir(), "rademark-bench-study-"));
  try {
    const commands =
      contestant === "here"
        ? [ownCommand(study, out)]
        : torchCommands(contestant, study, out, places);
    const measured = await measure(commands, places);
    const seeds = Array.from({ length: study.runs }, (_, i) => i + 1);
    const read = contestant === "here" ? readOwn : readTorch;
    const runs = seeds.map((seed) => read(out, seed));
    const lanes = contestant === "whole" ? 1 : THREADS;
    const more = runs.reduce((sum, run) => sum + run.epochSeconds, 0) / lanes;
    return { took: withAllEpochs(measured, more, study.epochs), results: meanOf(runs) };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Adds the epochs that were not trained. @param more seconds that one more epoch of all runs takes. */
function withAllEpochs(measured: Took, more: number, epochs: number): Took {
  const seconds = more * (micro.epochs - epochs);
  const busy = measured.processorSeconds / measured.seconds;
  return {
    seconds: measured.seconds + seconds,
    processorSeconds: measured.processorSeconds + seconds * busy,
  };
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

function ownCommand({ arch, epochs, runs }: Study, out: string): string[] {
  const epochsSet = epochs === micro.epochs ? [] : ["--set", `epochs=${epochs}`];
  const what = ["--protocol", "micro-1", ...epochsSet, "--arch", arch, "--seeds", `1-${runs}`];
  const how = ["--jobs", String(THREADS), "--threads", "1", "--quiet", "--out", join(out, "own")];
  return [process.execPath, path("../../harness/cli/rademark.ts"), "run", ...what, ...how];
}

function torchCommands(
  contestant: "pair" | "whole",
  { arch, epochs, runs }: Study,
  out: string,
  { python, data }: Places,
): string[][] {
  const seeds = Array.from({ length: runs }, (_, i) => i + 1);
  const lanes = contestant === "pair" ? THREADS : 1;
  const threads = contestant === "pair" ? 1 : THREADS;
  return Array.from({ length: lanes }, (_, lane) => {
    const own = seeds.filter((_, i) => i % lanes === lane).join(",");
    const script = path("python/torch_study.py");
    return [python, script, arch, own, String(threads), String(epochs), out, data];
  });
}

async function measure(commands: string[][], { python, cache }: Places): Promise<Took> {
  const child = spawn(python, [path("python/measured.py"), JSON.stringify(commands)], {
    env: { ...process.env, RADEMARK_CACHE: cache },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [answer, words] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (answer += text));
  child.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (words = (words + text).slice(-2000)));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`a study's process failed:\n${words}`);
  return JSON.parse(answer) as Took;
}

interface StudiedRun extends Results {
  /** Of one epoch but the first, in which graphs are optimized and memory is found. */
  epochSeconds: number;
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function readOwn(out: string, seed: number): StudiedRun {
  const run = Run.parse(readJson(join(out, "own", "seeds", String(seed), "final.json")));
  const { final, heads, frozenHeads, controls, trainSamples: m, testSamples, timing } = run;
  if (!final || !heads || !frozenHeads || !controls) throw new Error(`seed ${seed} diverged`);
  const last = Math.max(...heads.map(({ tap }) => tap));
  const isHeadline = (place: { tap: number; n: number }) =>
    place.tap === last && place.n === micro.headline;
  const refit = controls.refit.find(isHeadline)!;
  return {
    epochSeconds: (timing.trainSeconds - firstEpochSeconds(out, seed)) / (run.epochs.length - 1),
    trainAccuracy: final.trainCorrect / m,
    testAccuracy: final.testCorrect / testSamples,
    headAccuracy: mean(heads.filter(isHeadline).map((head) => head.final / m)),
    frozenAccuracy: mean(frozenHeads.map((head) => head.final / m)),
    refitAccuracy: mean(refit.redraws.map((count) => count / m)),
  };
}

/** From the log, which has the speed after each epoch. */
function firstEpochSeconds(out: string, seed: number): number {
  const log = readFileSync(join(out, "own", "log.txt"), "utf8").split("\n");
  const line = log.find((entry) => entry.includes(`{"seed":${seed},"epoch":1,`))!;
  const { imagesPerSecond } = JSON.parse(line.slice(line.indexOf("{"))) as {
    imagesPerSecond: number;
  };
  return TRAIN_SAMPLES / imagesPerSecond;
}

/** As torch_study.py writes it: counts of micro-1's samples. */
interface TorchRun {
  final: { trainCorrect: number; testCorrect: number; heads: { n: number; final: number }[][] };
  frozenHeads: { final: number }[];
  controls: { refit: { tap: number; n: number; told: number | null; redraws: number[] }[] };
  timing: { train: number; firstEpoch: number; epochs: number };
}

const TRAIN_SAMPLES = micro.subset!.perClass * micro.classes;
const TEST_SAMPLES = 10_000;

function readTorch(out: string, seed: number): StudiedRun {
  const { final, frozenHeads, controls, timing } = readJson(
    join(out, String(seed), "final.json"),
  ) as TorchRun;
  const heads = final.heads.at(-1)!.filter(({ n }) => n === micro.headline);
  const refit = controls.refit.findLast(({ n }) => n === micro.headline)!;
  return {
    epochSeconds: (timing.train - timing.firstEpoch) / (timing.epochs - 1),
    trainAccuracy: final.trainCorrect / TRAIN_SAMPLES,
    testAccuracy: final.testCorrect / TEST_SAMPLES,
    headAccuracy: mean(heads.map((head) => head.final / TRAIN_SAMPLES)),
    frozenAccuracy: mean(frozenHeads.map((head) => head.final / TRAIN_SAMPLES)),
    refitAccuracy: mean(refit.redraws.map((count) => count / TRAIN_SAMPLES)),
  };
}

function meanOf(runs: readonly StudiedRun[]): Results {
  const of = (name: keyof Results) => mean(runs.map((run) => run[name]));
  return {
    trainAccuracy: of("trainAccuracy"),
    testAccuracy: of("testAccuracy"),
    headAccuracy: of("headAccuracy"),
    frozenAccuracy: of("frozenAccuracy"),
    refitAccuracy: of("refitAccuracy"),
  };
}

export interface Table {
  columns: Column[];
  rows: string[][];
}

export const asMarkdown = ({ columns, rows }: Table): string => markdownTable(columns, rows);

/** Seconds, medians of rounds. */
export function studyTable(rows: readonly StudyRow[]): Table {
  const columns = [left("study"), right("runs"), right("here"), right("two of one thread")].concat(
    [right("one of all threads"), right("to PyTorch"), right("wanted")],
    [right("processor time to PyTorch")],
  );
  const seconds = (took: Took) => `${took.seconds.toFixed(0)} s`;
  const cells = rows.map((row) => [
    ...[row.arch, String(row.runs), seconds(row.here), seconds(row.pair), seconds(row.whole)],
    ...[row.ratio.toFixed(2), `>= ${STUDY_GOAL.toFixed(2)}`, row.processorRatio.toFixed(2)],
  ]);
  return { columns, rows: cells };
}

/** Accuracies in percent, ours and PyTorch's, which differ as seeds do if both did the same. */
export function likenessTable(rows: readonly StudyRow[]): Table {
  const columns = [
    left("here / PyTorch, means over runs"),
    right("runs"),
    right("train"),
    right("test"),
  ].concat([right("heads"), right("heads, frozen trunk"), right("refits")]);
  const cells = rows.map(({ arch, runs, results: { here, torch } }) => {
    const both = (name: keyof Results) =>
      [here, torch].map((side) => (side[name] * 100).toFixed(1)).join(" / ");
    const names = [
      "trainAccuracy",
      "testAccuracy",
      "headAccuracy",
      "frozenAccuracy",
      "refitAccuracy",
    ] as const;
    return [arch, String(runs), ...names.map(both)];
  });
  return { columns, rows: cells };
}

const MARKERS = {
  begin: "<!-- written by `npm run bench -- --only study --write` -->",
  end: "<!-- end of the studies -->",
};

/** Replaces the studies of the document. */
export function writeStudies(
  path: string,
  rows: readonly StudyRow[],
  environment: Environment,
): void {
  const facts = circumstances(environment, "npm run bench -- --only study --write");
  const trained = [...new Set(rows.map(({ arch, epochs }) => `${arch} ${epochs}`))].join(", ");
  const epochs = `- epochs trained, of ${micro.epochs}: ${trained}; the others are added from these`;
  const tables = [studyTable(rows), likenessTable(rows)].map(asMarkdown);
  writePart(path, MARKERS, [`${facts}\n${epochs}`, ...tables].join("\n\n"));
}
