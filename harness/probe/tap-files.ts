/** @file The taps in a features file, each with its counterpart in the file of test features. */

import { UserError } from "../errors.ts";
import { FileFeatures } from "./file-features.ts";
import { openArrays } from "./open-arrays.ts";
import { ByteReader, elementCount, placeOf } from "./stored-array.ts";

export interface TapFiles {
  train: FileFeatures;
  test: FileFeatures | null;
}

export interface OpenTaps {
  taps: TapFiles[];
  /** Tensors of the features file that hold nothing, so that they are no taps. */
  empty: string[];
}

/** @throws UserError unless all taps have the same samples, and the test file the same taps. */
export function openTaps(features: string, testFeatures: string | null): OpenTaps {
  const { matrices: train, empty } = openMatrices(features);
  const test = testFeatures === null ? null : openMatrices(testFeatures).matrices;
  if (test) checkCounterparts(train, test);
  return { taps: train.map((source, i) => ({ train: source, test: test?.[i] ?? null })), empty };
}

function openMatrices(path: string): { matrices: FileFeatures[]; empty: string[] } {
  const arrays = openArrays(path);
  if (arrays.length === 0) throw new UserError(`${path} holds no tensors.`);
  const filled = arrays.filter(({ shape }) => elementCount(shape) > 0);
  const reader = new ByteReader(path); // one open file, however many taps it holds
  const matrices = (filled.length === 0 ? arrays : filled).map(
    (array) => new FileFeatures(array, reader),
  );
  const [first] = matrices as [FileFeatures];
  const other = matrices.find(({ samples }) => samples !== first.samples);
  if (other)
    throw new UserError(
      `${placeOf(other.array)} has ${other.samples} samples, ${placeOf(first.array)} has ` +
        `${first.samples}. All taps are of the same samples.`,
    );
  const empty = arrays.filter((array) => filled.length > 0 && !filled.includes(array));
  return { matrices, empty: empty.map(({ name }) => name!) };
}

function checkCounterparts(train: FileFeatures[], test: FileFeatures[]): void {
  if (test.length !== train.length)
    throw new UserError(
      `${test[0]!.array.path} has ${test.length} taps, ${train[0]!.array.path} has ${train.length}.`,
    );
  for (const [i, { array, width }] of train.entries()) {
    const other = test[i]!;
    if (array.name !== null && other.array.name !== null && array.name !== other.array.name)
      throw new UserError(`${placeOf(other.array)} is no counterpart of ${placeOf(array)}.`);
    if (other.width !== width)
      throw new UserError(
        `${placeOf(other.array)} is ${other.width} wide, ${placeOf(array)} is ${width}.`,
      );
  }
}
