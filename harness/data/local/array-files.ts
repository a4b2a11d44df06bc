/** @file Samples and labels in .npy files: which file is which, and what shape is meant. */

import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { npyArray, NPY_MAGIC } from "../../arrays/npy-file.ts";
import { ByteReader, type StoredArray, placeOf, readRows } from "../../arrays/stored-array.ts";
import { UserError } from "../../errors.ts";
import { byCodeUnit } from "./code-units.ts";

/** Absolute paths. */
export interface ArrayPaths {
  xTrain: string;
  yTrain: string;
  xTest: string;
  yTest: string;
}

const ROLES = ["xTrain", "yTrain", "xTest", "yTest"] as const;
type Role = (typeof ROLES)[number];

const FORMS =
  "arrays come as x-train.npy, y-train.npy, x-test.npy and y-test.npy (or with _, as x_train.npy; val for test), in one folder or one after the other";

/** `X_train.npy` is xTrain; null for a name that says nothing. */
function roleOf(path: string): Role | null {
  const [, letter, split] = /^([xy])[-_ ]?(train|test|val)\.npy$/i.exec(basename(path)) ?? [];
  if (letter === undefined) return null;
  const train = split!.toLowerCase() === "train";
  return `${letter.toLowerCase() as "x" | "y"}${train ? "Train" : "Test"}`;
}

/** Whether a folder holds arrays by its names. */
export function holdsArrays(folder: string): boolean {
  return readdirSync(folder).some((name) => roleOf(name) === "xTrain");
}

/** @throws UserError naming what is missing or there twice. */
export function arraysIn(folder: string): ArrayPaths {
  const names = readdirSync(folder).filter((name) => roleOf(name) !== null);
  return byName(names.sort(byCodeUnit).map((name) => join(folder, name)));
}

/** Four files: by their names, or if no name says anything in the order x-train, y-train, x-test, y-test. */
export function arraysOf(paths: readonly string[]): ArrayPaths {
  if (paths.length === 4 && paths.every((path) => roleOf(path) === null)) {
    const [xTrain, yTrain, xTest, yTest] = paths as [string, string, string, string];
    return { xTrain, yTrain, xTest, yTest };
  }
  const silent = paths.find((path) => roleOf(path) === null);
  if (silent !== undefined)
    throw new UserError(`${silent}: its name does not say what it is; ${FORMS}`);
  return byName(paths);
}

function byName(paths: readonly string[]): ArrayPaths {
  const found = Map.groupBy(paths, roleOf);
  const wrong = ROLES.find((role) => found.get(role)?.length !== 1);
  if (wrong === undefined)
    return Object.fromEntries(
      ROLES.map((role) => [role, found.get(role)![0]!]),
    ) as unknown as ArrayPaths;
  const name = wrong.replace(/T/, "-t");
  const twice = found.get(wrong) ?? [];
  const what =
    twice.length > 1 ? `${twice.join(" and ")} are both ${name}` : `${name}.npy is missing`;
  throw new UserError(`${what}: ${FORMS}`);
}

interface ImageShape {
  height: number;
  width: number;
  channels: number;
}

/** Samples of one file, row by row, as [height, width, channels]. */
export class ArrayRows {
  readonly samples: number;
  readonly image: ImageShape;
  readonly values: "uint8" | "float32";
  /** How the axes are read, where that was a decision; null where it was none. */
  readonly reading: string | null;
  readonly #array: StoredArray;
  readonly #reader: ByteReader;
  /** Place in a stored row of each value of a read one; null: they are the same. */
  readonly #order: Uint32Array | null;

  /** @throws UserError for what is no array of samples. */
  constructor(path: string) {
    this.#array = openNpy(path, "samples");
    const { layout, ...image } = imageShape(this.#array);
    this.image = image;
    this.samples = this.#array.shape[0]!;
    this.values = this.#array.element.bytes === 1 && isByte(this.#array) ? "uint8" : "float32";
    this.reading = layout === "NCHW" ? "channels first, [N, C, H, W]" : null;
    this.#order = storedOrder(image, layout, this.#array);
    this.#reader = new ByteReader(path);
  }

  /** @returns a new array, [count, height, width, channels]. @throws UserError for values that are not finite. */
  rows(first: number, count: number): Uint8Array | Float32Array {
    const { height, width, channels } = this.image;
    const size = height * width * channels;
    const bytes = new ArrayBuffer(count * size * this.#array.element.bytes);
    const flat = { ...this.#array, shape: [this.samples, size] };
    readRows(this.#reader, flat, [first, count], bytes);
    const stored = this.#array.element.decode(bytes, count * size);
    const values =
      this.values === "uint8" ? new Uint8Array(count * size) : new Float32Array(count * size);
    this.#fill(values, stored, size);
    if (values instanceof Float32Array) this.#requireFinite(values, stored, first * size);
    return values;
  }

  #fill(values: Uint8Array | Float32Array, stored: ArrayLike<number | bigint>, size: number): void {
    const order = this.#order;
    if (order === null && typeof stored[0] !== "bigint")
      return values.set(stored as ArrayLike<number>);
    for (let row = 0; row < values.length; row += size)
      for (let i = 0; i < size; i++)
        values[row + i] = Number(stored[row + (order === null ? i : order[i]!)]);
  }

  #requireFinite(values: Float32Array, stored: ArrayLike<number | bigint>, before: number): void {
    const whole = this.#array.element.kind === "integer";
    const bad = values.findIndex((x) => x - x !== 0 || (whole && Math.abs(x) >= EXACT));
    if (bad === -1) return;
    const size =
      values.length === 0 ? 1 : this.image.height * this.image.width * this.image.channels;
    const row = Math.floor((before + bad) / size);
    const rule = whole
      ? "whole numbers from 2^24 on have no float32 each"
      : "samples must be finite as float32; leave such rows out, with their labels";
    const found = this.#order === null ? String(stored[bad]) : String(values[bad]);
    throw new UserError(`${placeOf(this.#array)}: row ${row} holds ${found}; ${rule}`);
  }

  close(): void {
    this.#reader.close();
  }
}

const EXACT = 2 ** 24;

const isByte = ({ element }: StoredArray) => element.kind === "boolean" || element.name === "uint8";

function openNpy(path: string, use: "samples" | "labels"): StoredArray {
  const reader = new ByteReader(path);
  try {
    const { size } = statSync(path);
    const start = Buffer.alloc(Math.min(size, NPY_MAGIC.length));
    reader.read(0, start.length, start);
    if (start.equals(NPY_MAGIC)) return npyArray(reader, size, use);
    throw new UserError(
      `${path} is ${size === 0 ? "empty" : "no .npy file"}. Write it with np.save(path, array); ${FORMS}`,
    );
  } finally {
    reader.close();
  }
}

type Layout = "NHWC" | "NCHW";

/** An image of one sample has at most this many channels, or its axes are told apart by being square. */
const FEW = 4;

/** @throws UserError for a shape that is none of samples, or could be two. */
function imageShape(array: StoredArray): ImageShape & { layout: Layout } {
  const { shape } = array;
  const wrong = (what: string) =>
    new UserError(`${placeOf(array)} has shape [${shape.join(", ")}]; ${what}`);
  const [samples, a, b, c] = shape;
  if (shape.length < 2 || shape.length > 4)
    throw wrong("samples are images [N, H, W, C], [N, C, H, W] or [N, H, W], or features [N, D]");
  if (shape.includes(0) || samples === undefined) throw wrong("it holds no values");
  const widest = shape.slice(1).find((size) => size > MOST_SIDE);
  if (widest !== undefined)
    throw wrong(`up to ${MOST_SIDE} features, or pixels along a side, can be used`);
  if (shape.length === 2) return { height: 1, width: 1, channels: a!, layout: "NHWC" };
  if (shape.length === 3) return { height: a!, width: b!, channels: 1, layout: "NHWC" };
  if (isLast(a!, b!, c!) === isLast(c!, b!, a!))
    throw wrong(
      "it may be [N, H, W, C] or [N, C, H, W], and nothing tells which. Write images with 1, 3 or 4 channels and more pixels than that along each side, or as features: x.reshape(len(x), -1)",
    );
  return isLast(a!, b!, c!)
    ? { height: a!, width: b!, channels: c!, layout: "NHWC" }
    : { height: b!, width: c!, channels: a!, layout: "NCHW" };
}

const MOST_SIDE = 4096;

/** Whether the last of three axes may be that of channels: there are few, or the other two are a square. */
function isLast(first: number, second: number, last: number): boolean {
  if (last <= FEW || first <= FEW) return last <= FEW;
  return first === second && first !== last;
}

/** Where each value of a row [H, W, C] is stored in the file's row. */
function storedOrder(
  { height, width, channels }: ImageShape,
  layout: Layout,
  { columnMajor }: StoredArray,
): Uint32Array | null {
  if (layout === "NHWC" && !columnMajor) return null;
  const sizes = layout === "NHWC" ? [height, width, channels] : [channels, height, width];
  const order = new Uint32Array(height * width * channels);
  let at = 0;
  for (let h = 0; h < height; h++)
    for (let w = 0; w < width; w++)
      for (let c = 0; c < channels; c++) {
        const [i, j, k] = layout === "NHWC" ? [h, w, c] : [c, h, w];
        order[at++] = columnMajor
          ? i + sizes[0]! * (j + sizes[1]! * k)
          : (i * sizes[1]! + j) * sizes[2]! + k;
      }
  return order;
}

/** A class label as stored; a bigint beyond 2^53. */
export type ClassLabel = number | bigint;

/** @returns one whole number for each of `samples` rows. @throws UserError for anything else. */
export function readClassLabels(path: string, samples: number): ClassLabel[] {
  const array = openNpy(path, "labels");
  const { shape, element } = array;
  const wrong = (what: string) =>
    new UserError(`${placeOf(array)} has shape [${shape.join(", ")}]; ${what}`);
  const [rows = 0, width = 1] = shape;
  if (shape.length === 2 && width > 1)
    throw wrong(
      "labels are [N] or [N, 1], one whole number each. From one-hot rows or scores: y.argmax(1)",
    );
  if (shape.length < 1 || shape.length > 2) throw wrong("labels are [N] or [N, 1]");
  if (element.kind === "float")
    throw new UserError(
      `${placeOf(array)} holds ${element.name}; class labels are whole numbers: y.astype("int64")`,
    );
  if (rows !== samples)
    throw new UserError(`${placeOf(array)} has ${rows} labels for ${samples} samples.`);
  const bytes = new ArrayBuffer(rows * element.bytes);
  const reader = new ByteReader(path);
  try {
    readRows(reader, { ...array, shape: [rows, 1] }, [0, rows], bytes);
  } finally {
    reader.close();
  }
  return Array.from(element.decode(bytes, rows));
}
