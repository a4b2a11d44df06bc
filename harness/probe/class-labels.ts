/** @file Class labels in a file, renumbered 0..N-1. */

import { UserError } from "../errors.ts";
import { openArrays } from "./open-arrays.ts";
import { ByteReader, placeOf } from "./stored-array.ts";

/** The classes that occur in training, ascending; a label's place here is its number. */
export type Classes = readonly number[];

/** More classes than this are taken for a mistake, such as regression targets or sample numbers. */
const MOST_CLASSES = 10_000;

/** The whole numbers in a file, one a sample. @throws UserError when it holds anything else. */
export function readLabels(path: string, samples: number): Float64Array {
  const arrays = openArrays(path);
  const [array] = arrays;
  if (!array || arrays.length > 1)
    throw new UserError(`${path} holds ${arrays.length} arrays; labels are one array.`);
  const { shape, element, offset } = array;
  const place = placeOf(array);
  if (shape.length !== 1)
    throw new UserError(
      `${place} has shape [${shape.join(", ")}]; labels are [samples], one class number each. ` +
        `From one-hot rows: labels.argmax(1).`,
    );
  if (element.kind === "float")
    throw new UserError(`${place} holds ${element.name}; write labels.astype("int64").`);
  if (shape[0] !== samples)
    throw new UserError(`${place} has ${shape[0]} labels for ${samples} samples.`);
  const bytes = new ArrayBuffer(samples * element.bytes);
  const reader = new ByteReader(path);
  try {
    reader.read(offset, bytes.byteLength, new Uint8Array(bytes));
  } finally {
    reader.close();
  }
  return Float64Array.from(element.decode(bytes, samples));
}

/** @throws UserError when there is one class only, or more than classes are. */
export function classesOf(path: string, labels: Float64Array): Classes {
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  if (classes.length < 2) throw new UserError(`${path} has one class only; a probe needs two.`);
  if (classes.length > MOST_CLASSES)
    throw new UserError(
      `${path} has ${classes.length} different values; up to ${MOST_CLASSES} classes are supported.`,
    );
  return classes;
}

/** Each label's number; -1 for a class that does not occur in training. */
export function numbered(labels: Float64Array, classes: Classes): Int32Array {
  const numbers = new Map(classes.map((label, number) => [label, number]));
  return Int32Array.from(labels, (label) => numbers.get(label) ?? -1);
}
