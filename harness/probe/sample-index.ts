/** @file Which sample each row of the features is. Its random labels follow that number, whatever row it stands in. */

import { createHash } from "node:crypto";
import { UserError } from "../errors.ts";
import { openArrays } from "./open-arrays.ts";
import { type StoredArray, elementCount, firstRows, placeOf } from "../arrays/stored-array.ts";

export interface SampleIndex {
  /** [m]: the sample of each row. */
  samples: readonly number[];
  /** [m]: rows in ascending order of their samples, so that a digest does not depend on the order of the rows. */
  order: Uint32Array;
}

/**
 * The index in a file; without one row i is sample i.
 *
 * @throws UserError unless it is one integer for each row, from 0 to 2^53 - 1, all different.
 */
export function sampleIndex(path: string | null, rows: number): SampleIndex {
  const read = path === null ? null : readIndex(path, rows);
  const samples = read?.samples ?? Array.from({ length: rows }, (_, row) => row);
  const order = Uint32Array.from(samples, (_, row) => row);
  if (samples.some((sample, row) => row > 0 && sample < samples[row - 1]!))
    order.sort((a, b) => samples[a]! - samples[b]!);
  if (read !== null) checkUnique(read.place, { samples, order });
  return { samples, order };
}

/** SHA-256 of whole numbers, one of each row, in decimal and in ascending order of samples, each followed by a line feed. */
export function digestBySample(
  values: readonly (number | bigint)[],
  { order }: SampleIndex,
): string {
  const sha256 = createHash("sha256");
  for (let first = 0; first < order.length; first += LINES) {
    const lines = Array.from(order.subarray(first, first + LINES), (row) => `${values[row]!}\n`);
    sha256.update(lines.join(""));
  }
  return sha256.digest("hex");
}

/** Hashed in one call. */
const LINES = 2 ** 16;

function readIndex(path: string, rows: number): { place: string; samples: number[] } {
  const arrays = openArrays(path, "index");
  const [array] = arrays;
  if (!array || arrays.length > 1)
    throw new UserError(`${path} holds ${arrays.length} arrays; a sample index is one.`);
  checkType(array);
  checkShape(array, rows);
  const values = Array.from(array.element.decode(firstRows(array, rows), rows));
  const place = placeOf(array);
  const bad = values.findIndex((value) => !Number.isSafeInteger(value) || value < 0);
  if (bad !== -1)
    throw new UserError(
      `${place}: row ${bad} is ${values[bad]}; samples are numbered from 0 to 2^53 - 1.`,
    );
  return { place, samples: values as number[] };
}

function checkType(array: StoredArray): void {
  const { element } = array;
  if (element.kind === "integer") return;
  const advice =
    element.kind === "boolean"
      ? "From a mask of the chosen samples: np.flatnonzero(mask)."
      : 'If these are whole numbers: index.astype("int64").';
  throw new UserError(
    `${placeOf(array)} holds ${element.name}; a sample index is integers. ${advice}`,
  );
}

function checkShape(array: StoredArray, rows: number): void {
  const { shape } = array;
  if (shape.length !== 1) {
    const advice = elementCount(shape) === rows ? " Write index.reshape(-1)." : "";
    throw new UserError(
      `${placeOf(array)} has shape [${shape.join(", ")}]; a sample index is [samples].${advice}`,
    );
  }
  if (shape[0] !== rows)
    throw new UserError(
      `${placeOf(array)} has ${shape[0]} numbers for ${rows} samples; an index says of each row which sample it is.`,
    );
}

/** Of two rows with one sample the labels would be equal, which random labels of two samples are not. */
function checkUnique(place: string, { samples, order }: SampleIndex): void {
  const second = order.findIndex((row, i) => i > 0 && samples[row] === samples[order[i - 1]!]);
  if (second === -1) return;
  const [first, row] = [order[second - 1]!, order[second]!];
  throw new UserError(
    `${place}: rows ${first} and ${row} both are sample ${samples[row]}; each sample is one row.`,
  );
}
