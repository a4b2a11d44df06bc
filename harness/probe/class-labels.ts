/** @file Class labels in a file, renumbered 0..N-1. */

import method from "../../record/method.json" with { type: "json" };
import { UserError } from "../errors.ts";
import { NAMES_TO_NUMBERS } from "../arrays/array-use.ts";
import {
  type FloatType,
  type StoredArray,
  elementCount,
  firstRows,
  placeOf,
} from "../arrays/stored-array.ts";
import { openArrays } from "./open-arrays.ts";
import type { LabelSet } from "../measure/ridge.ts";

/** A label as in its file, to the last digit: a bigint beyond 2^53. Equal labels are equal values. */
export type Label = number | bigint;

/** The classes that occur in training, ascending; a label's index here is its class number. */
type Classes = readonly Label[];

/** More classes than this are treated as a mistake, such as regression targets or sample numbers. */
const MOST_CLASSES = method.probe.mostClasses;

/** The whole numbers in a file, one for each sample. @throws UserError when it holds anything else. */
export function readLabels(path: string, samples: number): readonly Label[] {
  const all = openArrays(path, "labels");
  const filled = all.filter(({ shape }) => elementCount(shape) > 0);
  const arrays = filled.length === 0 ? all : filled;
  const [array] = arrays;
  if (!array || arrays.length > 1)
    throw new UserError(`${path} holds ${arrays.length} arrays; labels are one array.`);
  const { shape, element } = array;
  if (shape.length !== 1) throw wrongShape(array, samples);
  if (element.kind === "float") throw floatLabels(array, element);
  if (shape[0] !== samples)
    throw new UserError(`${placeOf(array)} has ${shape[0]} labels for ${samples} samples.`);
  return Array.from(element.decode(firstRows(array, samples), samples));
}

/** @throws UserError when there is only one class, or more than MOST_CLASSES. */
export function classesOf(path: string, labels: readonly Label[]): Classes {
  const classes = distinct(labels);
  if (classes.length < 2) throw new UserError(`${path} has one class only; a probe needs two.`);
  if (classes.length > MOST_CLASSES)
    throw new UserError(
      `${path} has ${classes.length} different values; up to ${MOST_CLASSES} classes are supported.`,
    );
  return classes;
}

/** Every label once, ascending. */
export function distinct(labels: readonly Label[]): Label[] {
  // Numbers and bigints compare by their values, mixed too.
  return [...new Set(labels)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Each label's number; -1 for a class that does not occur in training. */
export function numbered(labels: readonly Label[], classes: Classes): Int32Array {
  const numbers = new Map(classes.map((label, number) => [label, number]));
  return Int32Array.from(labels, (label) => numbers.get(label) ?? -1);
}

/** Rows that are read to find out what an array of another shape holds. */
const SAMPLE_ROWS = 1000;

function wrongShape(array: StoredArray, samples: number): UserError {
  const { shape } = array;
  const wanted = "labels are [samples], one class number each.";
  return new UserError(
    `${placeOf(array)} has shape [${shape.join(", ")}]; ${wanted} ${advice(array, samples)}`,
  );
}

function advice(array: StoredArray, samples: number): string {
  const { shape, element } = array;
  if (shape.length === 0) return "This is a single number.";
  if (shape.includes(0)) return "This array is empty.";
  if (shape.filter((size) => size !== 1).length <= 1)
    return "Leave out the axes of length 1: labels.reshape(-1).";
  if (shape.length > 2)
    return "These may be labels of pixels or tokens; choose or compute one for each sample.";
  const axis = shape[0] !== samples && shape[1] === samples ? 0 : 1;
  if (isOneHot(array, axis))
    return `From one-hot ${axis === 1 ? "rows" : "columns"}: labels.argmax(${axis}).`;
  if (element.kind === "float")
    return `From scores or probabilities of the classes: labels.argmax(${axis}).`;
  return (
    `These are not one-hot, so labels.argmax(${axis}) would give no classes; choose the ` +
    (axis === 1 ? "column that holds the class, such as labels[:, 0]." : "row: labels[0].")
  );
}

/** Whether each of the first rows (axis 1), or each column (axis 0), has a single 1 among zeros. */
function isOneHot(array: StoredArray, axis: 0 | 1): boolean {
  const { shape, element } = array;
  const [rows, width] = shape as [number, number];
  const count = axis === 0 ? rows : Math.min(rows, SAMPLE_ROWS);
  if (count * width > SAMPLE_ROWS ** 2 * 10) return false;
  const values = element.decode(firstRows(array, count), count * width);
  const ones = new Uint32Array(axis === 0 ? width : count);
  for (let i = 0; i < values.length; i++)
    if (values[i] === 1) ones[axis === 0 ? i % width : Math.floor(i / width)]!++;
    else if (values[i] !== 0) return false;
  return ones.every((count) => count === 1);
}

/** Floats do not name classes; the message says whether they could become whole numbers. */
function floatLabels(array: StoredArray, element: FloatType): UserError {
  const place = placeOf(array);
  const length = array.shape[0]!;
  const values = element.decode(firstRows(array, length), length);
  // From here on, two neighbouring whole numbers may have become one value.
  const limit = 2 ** element.digits;
  const row = Array.from(values).findIndex((x) => !Number.isInteger(x) || Math.abs(x) >= limit);
  if (row === -1)
    return new UserError(`${place} holds ${element.name}; write labels.astype("int64").`);
  const value = values[row]!;
  const found = `${place} holds ${element.name}, and row ${row} is ${value}; class labels are whole numbers.`;
  if (Number.isNaN(value))
    return new UserError(`${found} Leave out samples without a label, with their features.`);
  if (Number.isInteger(value))
    return new UserError(
      `${found} From ${limit} on, ${element.name} has no room for every whole number, so different ` +
        `labels may have become one. Write them from their source as int64, without a step in ${element.name}.`,
    );
  if (!Number.isFinite(value)) return new UserError(found);
  return new UserError(
    `${found} If equal values are meant to be one class: ${NAMES_TO_NUMBERS}. Regression targets are not classes.`,
  );
}

/** The class labels of a probe, for a linear read-out of the features. */
export interface ClassTask {
  classes: Classes;
  /** The training labels as in their file. */
  found: readonly Label[];
  train: LabelSet;
  /** Null without test samples. */
  test: TestLabels | null;
}

export interface TestLabels extends LabelSet {
  /** The labels as in their file. */
  found: readonly Label[];
}

/** The files of labels, and the numbers of samples that they are for. */
interface LabelFiles {
  labels: string | null;
  testLabels: string | null;
  samples: number;
  testSamples: number | null;
}

/** @returns null without labels. @throws UserError when a file is missing or does not fit its features. */
export function classTask(files: LabelFiles): ClassTask | null {
  const { labels, testLabels, samples, testSamples } = files;
  if ((testLabels === null) !== (testSamples === null))
    throw new UserError("--test-features and --test-labels belong together; one is missing.");
  if (labels === null) {
    if (testLabels === null) return null;
    throw new UserError(
      "--test-labels need --labels: the classes are learnt on the training samples.",
    );
  }
  const read = readLabels(labels, samples);
  const classes = classesOf(labels, read);
  const n = classes.length;
  const found = testLabels === null ? null : readLabels(testLabels, testSamples!);
  return {
    classes,
    found: read,
    train: { n, labels: numbered(read, classes) },
    test: found && { n, labels: numbered(found, classes), found },
  };
}
