/** @file Streams batches of images from an image folder, each cut and scaled to what the network reads. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import type { Uniform } from "./image-crop.ts";
import type { ImageFile } from "./image-folder.ts";
import { type ImageView, USUAL_VIEW, viewOf } from "./image-view.ts";
import { invalidFile } from "./invalid-file.ts";

export interface ImageBatch {
  /** [batch, height, width, 3] */
  images: Uint8Array;
  /** [batch] */
  labels: Int32Array;
  /** Indices into the split's files, [batch]. */
  indices: Int32Array;
}

export interface ImageStream {
  root: string;
  files: readonly ImageFile[];
  /** Which files, in which order. */
  order: Int32Array;
  batch: number;
  /**
   * Training: uniform in [0, 1), a pure function of (index, ...words); bind seed and epoch to it. A last partial
   * batch is dropped. Null for evaluation, where it is kept.
   */
  uniform: Uniform | null;
  /** Unless said otherwise, imagenet-1's. */
  view?: ImageView;
}

const OPEN_FILES = 32;

/**
 * Yields the batches in order; the files of the next batch are read while the caller works on this one.
 *
 * @throws UserError for a file that is missing or no image.
 */
export async function* imageBatches(stream: ImageStream): AsyncGenerator<ImageBatch> {
  const { order, batch, uniform } = stream;
  const end = uniform ? order.length - (order.length % batch) : order.length;
  let next = readFiles(stream, order.subarray(0, Math.min(batch, end)));
  for (let start = 0; start < end; start += batch) {
    const bytes = await next;
    const indices = order.subarray(start, Math.min(start + batch, end));
    next = readFiles(stream, order.subarray(start + batch, Math.min(start + 2 * batch, end)));
    yield decodeBatch(stream, indices, bytes);
  }
}

/** A read that fails before anybody awaits it must not end the process; awaiting it still throws. */
function readFiles(stream: ImageStream, indices: Int32Array): Promise<Uint8Array[]> {
  const reads = readAll(stream, indices);
  reads.catch(() => {});
  return reads;
}

/** A few at a time, however large the batch: each is an open file, and a process may have a thousand. */
async function readAll({ root, files }: ImageStream, indices: Int32Array): Promise<Uint8Array[]> {
  const bytes: Uint8Array[] = [];
  let next = 0;
  const lane = async () => {
    for (let row = next++; row < indices.length; row = next++)
      bytes[row] = await readImage(root, files[indices[row]!]!.path);
  };
  await Promise.all(Array.from({ length: OPEN_FILES }, lane));
  return bytes;
}

/** An error that names the file below the root also says where that is. */
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

function decodeBatch(
  { root, files, uniform, view = USUAL_VIEW }: ImageStream,
  indices: Int32Array,
  bytes: Uint8Array[],
): ImageBatch {
  const size = view.height * view.width * 3;
  const images = new Uint8Array(indices.length * size);
  const labels = new Int32Array(indices.length);
  for (const [row, index] of indices.entries()) {
    const { path, label } = files[index]!;
    const own = uniform && ((...words: number[]) => uniform(index, ...words));
    try {
      images.set(viewOf(bytes[row]!, path, own, view), row * size);
    } catch (error) {
      throw located(root, path, error);
    }
    labels[row] = label;
  }
  return { images, labels, indices };
}
