/** @file Decodes images from an image folder batch by batch, each cropped and scaled to the network's input size. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { invalidFile } from "./opened-datasets.ts";
import { tf } from "../engine/tensorflow.ts";

export interface ImageStream {
  root: string;
  /** Below the root, one a row, in the order in which they are read. */
  paths: readonly string[];
  /** Rows of a batch. */
  batch: number;
  /** Training: uniform in [0, 1), a pure function of (row, ...words). Null for evaluation. */
  uniform: Uniform | null;
  /** Default: that of imagenet-1. */
  view?: ImageView;
}

const OPEN_FILES = 32;

/**
 * Yields the batches in order, uint8 [batch, height, width, 3], the last one perhaps smaller; the files of the next batch
 * are read while the caller works on this one.
 *
 * @throws UserError for a file that is missing or not an image.
 */
export async function* imageBatches(stream: ImageStream): AsyncGenerator<Uint8Array> {
  const { paths, batch } = stream;
  let next = readFiles(stream, 0);
  for (let start = 0; start < paths.length; start += batch) {
    const bytes = await next;
    next = readFiles(stream, start + batch);
    yield decodeBatch(stream, start, bytes);
  }
}

/** A read that fails before anybody awaits it must not end the process; awaiting it still throws. */
function readFiles({ root, paths, batch }: ImageStream, start: number): Promise<Uint8Array[]> {
  const reads = readAll(root, paths.slice(start, start + batch));
  reads.catch(() => {});
  return reads;
}

/** A few at a time, however large the batch: each is an open file, and a process may have no more than a thousand. */
async function readAll(root: string, paths: readonly string[]): Promise<Uint8Array[]> {
  const bytes: Uint8Array[] = [];
  let next = 0;
  const lane = async () => {
    for (let row = next++; row < paths.length; row = next++)
      bytes[row] = await readImage(root, paths[row]!);
  };
  await Promise.all(Array.from({ length: OPEN_FILES }, lane));
  return bytes;
}

/** Adds the full path to an error that names a file relative to the root. */
function located(root: string, path: string, error: unknown): unknown {
  if (!(error instanceof UserError)) return error;
  const message = `${error.message} (${join(root, path)})`;
  return new UserError(message, error.exitCode, { cause: error });
}

async function readImage(root: string, path: string): Promise<Uint8Array> {
  return readFile(join(root, path)).catch((error: Error) => {
    throw located(root, path, invalidFile(path, "must be a readable image", error.message, error));
  });
}

/** @param bytes of the files from row `start` on. */
function decodeBatch(
  { root, paths, uniform, view = DEFAULT_VIEW }: ImageStream,
  start: number,
  bytes: readonly Uint8Array[],
): Uint8Array {
  const size = view.height * view.width * 3;
  const images = new Uint8Array(bytes.length * size);
  for (const [i, file] of bytes.entries()) {
    const path = paths[start + i]!;
    const own = uniform && ((...words: number[]) => uniform(start + i, ...words));
    try {
      images.set(viewOf(file, path, own, view), i * size);
    } catch (error) {
      throw located(root, path, error);
    }
  }
  return images;
}

/** A part of an image in whole pixels. */
interface Crop {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** Uniform in [0, 1), a pure function of its words. */
type Uniform = (...words: number[]) => number;

/** Ranges that a random crop is drawn from. */
interface CropRanges {
  /** Shares of the image's area. */
  area: readonly [least: number, most: number];
  /** Width by height. */
  aspect: readonly [least: number, most: number];
}

const DEFAULT_RANGES: CropRanges = { area: [0.08, 1], aspect: [3 / 4, 4 / 3] };
const ATTEMPTS = 10;

/**
 * A random crop, by default of 8 % to 100 % of the area and an aspect ratio between 3:4 and 4:3: that of Szegedy et al.
 * 2015 (arXiv 1409.4842, section 6) as torchvision's RandomResizedCrop draws it, fallback included.
 */
export function randomCrop(
  height: number,
  width: number,
  uniform: Uniform,
  { area: [least, most], aspect }: CropRanges = DEFAULT_RANGES,
): Crop {
  const [low, high] = aspect.map(Math.log) as [number, number];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const draw = (word: number) => uniform(attempt, word);
    const area = height * width * (least + (most - least) * draw(0));
    const ratio = Math.exp(low + (high - low) * draw(1));
    const crop = {
      width: Math.round(Math.sqrt(area * ratio)),
      height: Math.round(Math.sqrt(area / ratio)),
    };
    if (crop.width < 1 || crop.height < 1 || crop.width > width || crop.height > height) continue;
    const top = Math.floor(draw(2) * (height - crop.height + 1));
    const left = Math.floor(draw(3) * (width - crop.width + 1));
    return { ...crop, top, left };
  }
  return centralCrop(height, width, aspect);
}

/** The largest centred crop within the aspect ratios. */
function centralCrop(height: number, width: number, [least, most]: CropRanges["aspect"]): Crop {
  const crop = {
    height: Math.min(height, Math.round(width / least)),
    width: Math.min(width, Math.round(height * most)),
  };
  return {
    ...crop,
    top: Math.floor((height - crop.height) / 2),
    left: Math.floor((width - crop.width) / 2),
  };
}

/** Size after scaling the shorter side to `side`; the longer one is rounded down. */
export function shorterSideTo(side: number, height: number, width: number): [number, number] {
  const shorter = Math.min(height, width);
  // Multiplied before it is divided: a factor such as 256/2999 is rounded, and would make 255 of 2999 pixels.
  const scaled = (length: number) => Math.floor((length * side) / shorter);
  return [scaled(height), scaled(width)];
}

/** How a protocol crops and scales images; sizes in pixels. */
export interface ImageView extends CropRanges {
  height: number;
  width: number;
  /** What the shorter side is scaled to before the centre is cut out for evaluation. */
  shorterSide: number;
  /** Probability of being mirrored in training. */
  flip: number;
}

/** That of imagenet-1. */
const DEFAULT_VIEW: ImageView = {
  height: 224,
  width: 224,
  shorterSide: 256,
  flip: 0.5,
  area: [0.08, 1],
  aspect: [3 / 4, 4 / 3],
};

type Image = ReturnType<typeof tf.node.decodeJpeg>;

/**
 * Decodes an image in RGB and takes a random crop of it, mirrored with probability `flip`, or its centre.
 *
 * Scaling is bilinear with half-pixel centres and without antialiasing, for training and evaluation alike.
 *
 * @param uniform null for evaluation.
 * @param place the file's name, for errors.
 * @returns uint8 values [height, width, 3] as whole numbers.
 * @throws UserError when the bytes are not an image.
 */
function viewOf(
  bytes: Uint8Array,
  place: string,
  uniform: Uniform | null,
  shape: ImageView = DEFAULT_VIEW,
): Int32Array {
  const rounded = tf.tidy(() => {
    const image = decode(bytes, place);
    const view = uniform ? trainingView(image, uniform, shape) : evaluationView(image, shape);
    // The cast drops the fraction, so this rounds; interpolation never leaves 0..255.
    return tf.cast(tf.add(view, 0.5), "int32");
  });
  // Read out here, because tidy searches what it returns for tensors, value by value: five times a decoding's time.
  const values = rounded.dataSync<"int32">();
  rounded.dispose();
  return values;
}

/** A few of ImageNet's .JPEG files hold a PNG, or CMYK; TensorFlow recognizes both by their first bytes. */
function decode(bytes: Uint8Array, place: string): Image {
  try {
    return tf.node.decodeImage(bytes, 3, "int32", false) as Image;
  } catch (error) {
    throw invalidFile(place, "must be a JPEG, PNG, BMP or GIF image", reasonOf(error), error);
  }
}

/** The decoder's message; its first line is only TensorFlow's error code. */
function reasonOf(error: unknown): string {
  const [first = "", ...rest] = (error as Error).message.split("\n");
  const reason = rest
    .join(" ")
    .replace(/^Message: /, "")
    .trim();
  return reason || first;
}

function trainingView(image: Image, uniform: Uniform, shape: ImageView): Image {
  const [height, width] = image.shape;
  const crop = cut(image, randomCrop(height, width, uniform, shape));
  const view = resize(crop, [shape.height, shape.width]);
  const mirrored = uniform(FLIP) < shape.flip;
  return mirrored ? tf.reverse(view, 1) : view;
}

/** Random word of the flip; those of a crop begin with the number of the attempt, below ten. */
const FLIP = 1000;

function evaluationView(image: Image, { height, width, shorterSide }: ImageView): Image {
  const scaled = resize(image, shorterSideTo(shorterSide, image.shape[0], image.shape[1]));
  const top = Math.round((scaled.shape[0] - height) / 2);
  const left = Math.round((scaled.shape[1] - width) / 2);
  return cut(scaled, { top, left, height, width });
}

function cut(image: Image, { top, left, height, width }: Crop): Image {
  return tf.slice(image, [top, left, 0], [height, width, 3]);
}

function resize(image: Image, size: [number, number]): Image {
  return tf.image.resizeBilinear(image, size, false, true);
}
