/** @file Measures representations from anywhere, with the controls of a run (method.md section 4). */

import { hash } from "node:crypto";
import { leastVarianceAt } from "../../record/least-variance.ts";
import { normalizedAccuracy } from "../../record/metrics.ts";
import { type LabelKind, randomLabels } from "../../record/random-label.ts";
import { equivalentWidth } from "../../record/statistics/null-accuracy.ts";
import { selectivityP } from "../../record/statistics/selectivity.ts";
import { tInterval } from "../../record/statistics/t-interval.ts";
import { UserError } from "../errors.ts";
import { measuredCloud, nullRungs, spectrumOf } from "../measure/controls.ts";
import { type FeatureSource, Ridge } from "../measure/ridge.ts";
import { type ClassTask, classTask } from "./class-labels.ts";
import { probeNotices } from "./notices.ts";
import { type OpenTaps, type TapFiles, openTaps } from "./open-arrays.ts";
import { compareTaps } from "./probe-comparison.ts";
import {
  LAYOUT,
  PENALTIES,
  PENALTY,
  type ProbeDocument,
  type TapDocument,
} from "./probe-document.ts";
import { type SampleIndex, digestBySample, sampleIndex } from "./sample-index.ts";
import { placeOf } from "../arrays/stored-array.ts";

/** As on the command line. Files are .npy or safetensors; label i belongs to row i of every file. */
export interface ProbeOptions {
  /** Of the same samples; all of them with test features, or none. */
  files: readonly FeatureFiles[];
  labels: string | null;
  testLabels: string | null;
  /** The sample of each row; null: row i is sample i. */
  index: string | null;
  /** Seed of the random labels. */
  seed: number;
  /** Sizes n of the random labels' spaces. */
  labelSpaces: readonly number[];
  /** K: redraws 0..K-1 are fitted. */
  draws: number;
  /** Is the told labelling, draw 0, fitted as well? It means something of features that were trained on it. */
  told: boolean;
}

interface FeatureFiles {
  features: string;
  testFeatures: string | null;
}

export interface ProbeListener {
  /** Once, before anything is measured: about how much memory it will take. */
  onPlan?: (plan: { bytes: number }) => void;
  onProgress?: (progress: ProbeProgress) => void;
}

export interface ProbeProgress {
  features: string;
  tap: number;
  /** Of this file. */
  taps: number;
  /** Share of all files that is done. */
  share: number;
}

/**
 * @throws UserError for files that are missing, damaged, or do not fit together.
 * @example runProbe({ files: [{ features: "train.npy", testFeatures: null }], labels: null, testLabels: null, index: null,
 *   seed: 1, labelSpaces: [2, 10], draws: 8, told: false }).taps[0]!.refit[0]!.accuracy
 */
export function runProbe(options: ProbeOptions, listener: ProbeListener = {}): ProbeDocument {
  const started = performance.now();
  const files = openFiles(options.files);
  try {
    const work = workOn(files, options);
    const documents = measure(files, work, listener);
    return {
      probe: LAYOUT,
      ...described(work),
      penalty: PENALTY,
      taps: documents,
      ...concluded(files, work, documents),
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    for (const { taps } of files)
      for (const { train, test } of taps) [train, test].forEach((file) => file?.close());
  }
}

/** What is known before anything is measured. */
interface Work {
  options: ProbeOptions;
  /** Of all files. */
  taps: TapFiles[];
  index: SampleIndex;
  task: ClassTask | null;
  labellings: Labellings;
}

function workOn(files: readonly OpenTaps[], options: ProbeOptions): Work {
  const taps = files.flatMap(({ taps }) => taps);
  const { train, test } = taps[0]!;
  const { samples } = train;
  const index = sampleIndex(options.index, samples);
  const task = classTask({ ...options, samples, testSamples: test?.samples ?? null });
  return { options, taps, index, task, labellings: new Labellings(options, index, taps.length) };
}

function measure(
  files: readonly OpenTaps[],
  work: Work,
  { onPlan, onProgress }: ProbeListener,
): TapDocument[] {
  const ridge = new Ridge(PENALTY);
  const meter = new Meter(totalCost(work));
  try {
    onPlan?.({ bytes: mostBytes(ridge, work) });
    return files.flatMap(({ taps }, file) =>
      taps.map((pair, i) => {
        const { features } = work.options.files[file]!;
        meter.onShare = (share) => onProgress?.({ features, tap: i + 1, taps: taps.length, share });
        return { file, tap: i + 1, ...tapDocument(ridge, { ...pair, ...work, meter }) };
      }),
    );
  } finally {
    ridge.close();
  }
}

/** What was asked for, and of which samples. */
function described({ options, taps, index, task }: Work) {
  const { files, seed, draws } = options;
  return {
    files: [...files],
    samples: taps[0]!.train.samples,
    testSamples: taps[0]!.test?.samples ?? null,
    classCount: task?.train.n ?? null,
    seed,
    draws,
    index: { file: options.index, sha256: digestBySample(index.samples, index) },
    labels: task && { file: options.labels!, sha256: digestBySample(task.found, index) },
  };
}

/** What follows from the numbers, and what does not. */
function concluded(
  files: readonly OpenTaps[],
  { options, taps, task, labellings }: Work,
  documents: readonly TapDocument[],
): Pick<ProbeDocument, "comparisons" | "notices"> {
  const { samples } = taps[0]!.train;
  const comparisons = files.length > 1 ? compareTaps(documents, samples) : [];
  const random = options.labelSpaces.map((n) => ({ n, uniform: labellings.uniform(n) }));
  const empty = files.flatMap((file) => file.empty);
  const { draws } = options;
  const notices = probeNotices({ random, draws, task, taps, documents, comparisons, empty });
  return { comparisons, notices };
}

/** @throws UserError unless all files hold the same number of samples, and all test files. */
function openFiles(given: ProbeOptions["files"]): OpenTaps[] {
  const files = given.map(({ features, testFeatures }) => openTaps(features, testFeatures));
  for (const { taps } of files) {
    requireSameSamples(taps[0]!.train, files[0]!.taps[0]!.train);
    requireSameSamples(taps[0]!.test, files[0]!.taps[0]!.test);
  }
  return files;
}

function requireSameSamples(file: TapFiles["test"], first: TapFiles["test"]): void {
  if (file === null || first === null || file.samples === first.samples) return;
  throw new UserError(
    `${placeOf(file.array)} has ${file.samples} samples, ${placeOf(first.array)} has ${first.samples}. Files side by ` +
      "side hold the same samples in the same rows.",
  );
}

/** Bytes of labels that are kept for the next tap. */
const MOST_KEPT = 2 ** 28;

/** Each call overwrites the last one's; a new buffer for each takes half as long again. */
const digest = Buffer.alloc(32);

function sha256(text: string): Uint8Array {
  digest.write(hash("sha256", text, "binary"), "latin1");
  return digest;
}

/** The labels that a run gives to these samples; made when they are needed, and kept if other taps need them, too. */
class Labellings {
  readonly #options: Pick<ProbeOptions, "seed" | "labelSpaces" | "draws" | "told">;
  readonly #samples: SampleIndex["samples"];
  readonly #taps: number;
  readonly #kept = new Map<string, Uint16Array>();
  readonly #uniform = new Set<string>();

  constructor(
    options: Pick<ProbeOptions, "seed" | "labelSpaces" | "draws" | "told">,
    { samples }: SampleIndex,
    taps: number,
  ) {
    this.#options = options;
    this.#samples = samples;
    this.#taps = taps;
  }

  /** Labels in [0, n), [m]. */
  labels(kind: LabelKind, n: number, draw: number): Int32Array {
    const key = `${kind} ${n} ${draw}`;
    const kept = this.#kept.get(key);
    if (kept) return Int32Array.from(kept);
    const { seed } = this.#options;
    const labels = randomLabels({ seed, n, draw, indices: this.#samples, kind, sha256 });
    if (labels.every((label) => label === labels[0])) this.#uniform.add(key);
    if (this.#kept.size < this.#room) this.#kept.set(key, Uint16Array.from(labels));
    return labels;
  }

  /** How many redraws gave all samples the same label, of those made so far. */
  uniform(n: number): number {
    const prefix = `redraw ${n} `;
    return [...this.#uniform].filter((key) => key.startsWith(prefix)).length;
  }

  /** How often labels will be made for all taps. */
  get made(): number {
    const { labelSpaces, draws, told } = this.#options;
    const all = labelSpaces.length * (draws + Number(told));
    return all + (this.#taps - 1) * Math.max(0, all - this.#room);
  }

  /** Labellings that are kept. */
  get #room(): number {
    const bytes = this.#samples.length * Uint16Array.BYTES_PER_ELEMENT;
    return this.#taps > 1 ? Math.floor(MOST_KEPT / bytes) : 0;
  }
}

/** At the peak. */
function mostBytes(ridge: Ridge, { options, taps, task }: Work): number {
  const spaces = options.labelSpaces.map((n) => [n, options.draws + Number(options.told)] as const);
  const all = task ? [...spaces, [task.train.n, 1] as const] : spaces;
  return Math.max(...taps.flatMap(({ train }) => all.map(([n, k]) => ridge.bytes(n, k, train))));
}

/** What SHA-256 of a label costs, in multiplications of the regressions: a rough measure, for progress alone. */
const HASH_COST = 10_000;

/** Of a row, for moments and leverages. */
const momentCost = (width: number) => 6 * width * width;

/** Of a row, for one labelling: its sums by label, which are not vectorized, and its scores. */
const fitCost = (n: number, width: number) => width * (2 * n + 10);

/** Readings of the features for moments and leverages. */
const MOMENT_PASSES = 3;

/** How much of all work is done. */
class Meter {
  /** Told after each piece of work. */
  onShare: (share: number) => void = () => {};
  readonly #all: number;
  #done = 0;
  #rowCost = 0;

  constructor(all: number) {
    this.#all = all;
  }

  /** From here on every row that is read costs so much. */
  begin(rowCost: number): void {
    this.#rowCost = rowCost;
  }

  add(cost: number): void {
    this.#done += cost;
    this.onShare(Math.min(1, this.#done / this.#all));
  }

  /** The same features, read under this meter. */
  counting(features: FeatureSource): FeatureSource {
    const { samples, width } = features;
    const rows = (first: number, count: number) => {
      const values = features.rows(first, count);
      this.add(count * this.#rowCost);
      return values;
    };
    return { samples, width, rows };
  }
}

function totalCost({ options, taps, task, labellings }: Work): number {
  const { labelSpaces, draws, told } = options;
  const sum = (costs: number[]) => costs.reduce((total, cost) => total + cost, 0);
  const rows = taps.map(({ train: { width } }) => {
    const random = labelSpaces.map((n) => fitCost(n, width) * (draws + Number(told)));
    return momentCost(width) + sum(random) + (task ? fitCost(task.train.n, width) : 0);
  });
  return taps[0]!.train.samples * (sum(rows) + labellings.made * HASH_COST);
}

/** What is fitted to a tap. */
type TapWork = TapFiles & Pick<Work, "options" | "labellings" | "task"> & { meter: Meter };

function tapDocument(ridge: Ridge, work: TapWork): Omit<TapDocument, "file" | "tap"> {
  const { train, options, task, meter } = work;
  const { array, width, samples } = train;
  const source = meter.counting(train);
  meter.begin(momentCost(width) / MOMENT_PASSES);
  ridge.factorise(source);
  const eigenvalues = ridge.eigenvalues();
  const cloud = measuredCloud(ridge, samples, eigenvalues, PENALTY);
  const refit = options.labelSpaces.map((n) => refitOf(ridge, work, n));
  if (task) meter.begin(fitCost(task.train.n, width) / 2);
  return {
    name: array.name,
    width,
    refit,
    null: options.labelSpaces.map((n) => nullRungs(cloud, n, width)),
    ...spectrumOf(eigenvalues, PENALTIES),
    classes: task && classesOf(ridge, task, samples, work.test),
  };
}

/** Of the features that were factorised last. */
function refitOf(ridge: Ridge, { train, options, labellings, meter }: TapWork, n: number) {
  const { samples } = train;
  const fitted = options.draws + Number(options.told);
  meter.begin((fitCost(n, train.width) * fitted) / ridge.passes(n, fitted, train));
  const made = (kind: LabelKind, draw: number) => () => {
    const labels = labellings.labels(kind, n, draw);
    meter.add(samples * HASH_COST);
    return labels;
  };
  const fresh = Array.from({ length: options.draws }, (_, draw) => made("redraw", draw));
  const counts = ridge.correct(n, options.told ? [made("random-label", 0), ...fresh] : fresh);
  return refitDocument(n, samples, options.told ? counts.shift()! : null, counts);
}

/** Everything that follows from counts of m samples. */
function refitDocument(
  n: number,
  samples: number,
  told: number | null,
  redraws: number[],
): TapDocument["refit"][number] {
  const accuracy = redraws.reduce((sum, count) => sum + count, 0) / (redraws.length * samples);
  const capacity = normalizedAccuracy(accuracy, n);
  return {
    ...{ n, told, redraws, accuracy, capacity },
    equivalentWidth: equivalentWidth(samples, n, accuracy),
    interval: intervalOf(n, samples, redraws),
    selectivity: told === null ? null : normalizedAccuracy(told / samples, n) - capacity,
    selectivityP: told === null ? null : selectivityP([{ told, redraws }]),
  };
}

function intervalOf(n: number, samples: number, redraws: readonly number[]) {
  const shares = redraws.map((count) => count / samples);
  const { low, high } = tInterval(shares, leastVarianceAt("accuracy", n, samples));
  if (low === null || high === null) return null;
  const ends = <Value>(at: (share: number) => Value) => ({ low: at(low), high: at(high) });
  return {
    accuracy: { low, high },
    capacity: ends((share) => normalizedAccuracy(share, n)),
    equivalentWidth: ends((share) => equivalentWidth(samples, n, Math.min(1, Math.max(0, share)))),
  };
}

function classesOf(
  ridge: Ridge,
  { train, test }: ClassTask,
  samples: number,
  file: TapFiles["test"],
) {
  const accuracy = (correct: number, of: number) => ({ correct, accuracy: correct / of });
  if (!test || !file) {
    const [correct] = ridge.correct(train.n, [() => train.labels]);
    return { train: accuracy(correct!, samples), test: null };
  }
  const { own, others } = ridge.correctBeyond(train, { features: file, labels: test.labels });
  return { train: accuracy(own, samples), test: accuracy(others, file.samples) };
}
