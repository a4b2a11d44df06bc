/** @file Measures a representation from anywhere, with the controls of a run (method.md section 4). */

import { hash } from "node:crypto";
import { randomLabels } from "../../record/random-label.ts";
import { type FeatureSource, type LabelSet, Ridge, type RidgeFit } from "../measure/ridge.ts";
import { classTask } from "./class-labels.ts";
import { PENALTY, type ProbeDocument, type TapDocument } from "./probe-document.ts";
import { probeNotices } from "./notices.ts";
import { openTaps } from "./open-arrays.ts";
import { normalizedAccuracy } from "../../record/metrics.ts";
import { nullRungs, spectrumOf } from "../measure/controls.ts";

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
  const random = options.labelSpaces.map((n) => randomLabelSet(options.seed, n, samples));
  const sets = task ? [...random, task.train] : random;
  const ridge = new Ridge(sets.length, PENALTY);
  try {
    const documents = taps.map(({ train, test }, i) => {
      const fit = ridge.fit(train, sets, {
        spectrum: true,
        onRows: progressOf(train, (share) => onProgress({ tap: i + 1, taps: taps.length, share })),
      });
      const testCorrect = test && task?.test ? ridge.correctInLast(test, task.test) : null;
      const { array, width } = train;
      const shape = { tap: i + 1, name: array.name, width, samples, testSamples };
      return tapDocument(shape, options.labelSpaces, fit, testCorrect);
    });
    return {
      probe: 1,
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

/** The random labels that a run gives to samples 0..m-1, draw 0. */
function randomLabelSet(seed: number, n: number, samples: number): LabelSet {
  const indices = Array.from({ length: samples }, (_, i) => i);
  const sha256 = (text: string) => hash("sha256", text, "buffer");
  const labels = randomLabels({ seed, n, draw: 0, indices, kind: "random-label", sha256 });
  return { n, labels };
}

/** A fit processes every row three times. */
function progressOf({ samples }: FeatureSource, onShare: (share: number) => void) {
  let rows = 0;
  return (count: number) => onShare((rows += count) / (3 * samples));
}

/** Ridge penalties at which the effective dimension is reported. */
const PENALTIES = [1e-4, 1e-3, 1e-2, 1e-1];

/** Name and sizes of one tap. */
interface TapShape {
  tap: number;
  name: string | null;
  width: number;
  samples: number;
  testSamples: number | null;
}

/** @param fit with its spectrum, for the label spaces in order; a further labelling is the classes. */
function tapDocument(
  { tap, name, width, samples, testSamples }: TapShape,
  labelSpaces: readonly number[],
  { correct, eigenvalues }: RidgeFit,
  testCorrect: number | null,
): TapDocument {
  const count = (correct: number, of: number) => ({ correct, accuracy: correct / of });
  const classCorrect = correct[labelSpaces.length];
  return {
    tap,
    name,
    width,
    refit: labelSpaces.map((n, i) => {
      const { accuracy } = count(correct[i]!, samples);
      return { n, correct: correct[i]!, accuracy, normalized: normalizedAccuracy(accuracy, n) };
    }),
    null: nullRungs({ samples, width, eigenvalues: eigenvalues!, penalty: PENALTY }, labelSpaces),
    ...spectrumOf(eigenvalues!, PENALTIES),
    classes:
      classCorrect === undefined
        ? null
        : {
            train: count(classCorrect, samples),
            test: testCorrect === null ? null : count(testCorrect, testSamples!),
          },
  };
}
