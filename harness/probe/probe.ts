/** @file Measures a representation from anywhere, with the controls of a run (method.md section 4). */

import { hash } from "node:crypto";
import { randomLabels } from "../../record/random-label.ts";
import { equivalentWidth } from "../../record/statistics/null-accuracy.ts";
import { type FeatureSource, Ridge } from "../measure/ridge.ts";
import { type ClassTask, classTask } from "./class-labels.ts";
import { PENALTY, type ProbeDocument, REDRAWS, type TapDocument } from "./probe-document.ts";
import { probeNotices } from "./notices.ts";
import { type TapFiles, openTaps } from "./open-arrays.ts";
import { normalizedAccuracy } from "../../record/metrics.ts";
import { measuredCloud, nullRungs, spectrumOf } from "../measure/controls.ts";

/** As on the command line. Files are .npy or safetensors; label i belongs to row i. */
export interface ProbeOptions {
  features: string;
  labels: string | null;
  testFeatures: string | null;
  testLabels: string | null;
  /** Seed of the random labels. */
  seed: number;
  /** Sizes n of the random labels' spaces. */
  labelSpaces: readonly number[];
}

export const PROBE_LABEL_SPACES = [2, 10, 100, 1000] as const;

export interface ProbeProgress {
  tap: number;
  taps: number;
  /** Share of the tap that is done. */
  share: number;
}

/**
 * @throws UserError for files that are missing, damaged, or do not fit together.
 * @example runProbe({ features: "train.npy", labels: null, testFeatures: null, testLabels: null, seed: 1,
 *   labelSpaces: PROBE_LABEL_SPACES }).taps[0]!.refit[0]!.accuracy
 */
export function runProbe(
  options: ProbeOptions,
  onProgress: (progress: ProbeProgress) => void = () => {},
): ProbeDocument {
  const started = performance.now();
  const { taps, empty } = openTaps(options.features, options.testFeatures);
  const { samples } = taps[0]!.train;
  const testSamples = taps[0]!.test?.samples ?? null;
  const task = classTask({ ...options, samples, testSamples });
  const random = options.labelSpaces.map((n) => redraws(options.seed, n, samples));
  const ridge = new Ridge(PENALTY);
  try {
    const documents = taps.map((files, i) => {
      const tap = { tap: i + 1, taps: taps.length };
      return tapDocument(ridge, { files, random, task }, tap.tap, (share) =>
        onProgress({ ...tap, share }),
      );
    });
    return {
      probe: 2,
      features: options.features,
      testFeatures: options.testFeatures,
      samples,
      testSamples,
      classCount: task?.train.n ?? null,
      seed: options.seed,
      penalty: PENALTY,
      taps: documents,
      notices: probeNotices({ random, task, taps, documents, empty }),
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    ridge.close();
    for (const { train, test } of taps) [train, test].forEach((file) => file?.close());
  }
}

/** Labellings of one label space. */
interface Redraws {
  n: number;
  labellings: readonly Int32Array[];
}

/** The labels that a run gives to samples 0..m-1 when it measures their capacity. */
function redraws(seed: number, n: number, samples: number): Redraws {
  const indices = Array.from({ length: samples }, (_, i) => i);
  const sha256 = (text: string) => hash("sha256", text, "buffer");
  const labellings = Array.from({ length: REDRAWS }, (_, draw) =>
    randomLabels({ seed, n, draw, indices, kind: "redraw", sha256 }),
  );
  return { n, labellings };
}

/** Ridge penalties at which the effective dimension is reported. */
const PENALTIES = [1e-4, 1e-3, 1e-2, 1e-1];

/** What is fitted to a tap. */
interface TapTask {
  files: TapFiles;
  random: readonly Redraws[];
  task: ClassTask | null;
}

function tapDocument(
  ridge: Ridge,
  { files: { train, test }, random, task }: TapTask,
  tap: number,
  onShare: (share: number) => void,
): TapDocument {
  const { array, width, samples } = train;
  const blocks = random.map(({ n, labellings }) => ridge.passes(n, labellings.length, width));
  const passes = 3 + blocks.reduce((sum, count) => sum + count, 0) + (task ? 2 : 0);
  const source = counting(train, (rows) => onShare(Math.min(1, rows / (passes * samples))));
  ridge.factorise(source);
  const eigenvalues = ridge.eigenvalues();
  const cloud = measuredCloud(ridge, samples, eigenvalues, PENALTY);
  return {
    tap,
    name: array.name,
    width,
    refit: random.map(({ n, labellings }) => {
      const counts = ridge.correct(
        n,
        labellings.map((labels) => () => labels),
      );
      const accuracy = counts.reduce((sum, count) => sum + count, 0) / (counts.length * samples);
      return {
        n,
        redraws: counts,
        accuracy,
        capacity: normalizedAccuracy(accuracy, n),
        equivalentWidth: equivalentWidth(samples, n, accuracy),
      };
    }),
    null: random.map(({ n }) => nullRungs(cloud, n, width)),
    ...spectrumOf(eigenvalues, PENALTIES),
    classes: task && classesOf(ridge, task, samples, test),
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

/** The same features; says after each read how many rows have been read in all. */
function counting(features: FeatureSource, onRows: (rows: number) => void): FeatureSource {
  let rows = 0;
  return {
    samples: features.samples,
    width: features.width,
    rows(first, count) {
      const values = features.rows(first, count);
      onRows((rows += count));
      return values;
    },
  };
}
