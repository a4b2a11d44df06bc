/** @file Reader of CIFAR's official binary format, https://www.cs.toronto.edu/~kriz/cifar.html */

import { type Split, invalidFile, requireLabels } from "./opened-datasets.ts";

const PIXELS = 32 * 32;
const CHANNELS = 3;

export interface CifarFormat {
  /** CIFAR-10 has the label alone; CIFAR-100 the coarse label, then the fine one that is kept. */
  labelBytes: 1 | 2;
  /** Records that the file must hold. */
  count: number;
  classes: number;
  /** The file's name, for errors. */
  place: string;
}

/**
 * Each record is its label bytes, then 1,024 red, 1,024 green and 1,024 blue bytes, rows first.
 *
 * @returns images [count, 32, 32, 3] with interleaved channels.
 * @throws UserError when the file is shorter or longer than its records, or a label is out of range.
 */
export function readCifarBinary(bytes: Uint8Array, format: CifarFormat): Split {
  const { labelBytes, count, classes, place } = format;
  const record = labelBytes + PIXELS * CHANNELS;
  if (bytes.length !== count * record) {
    const rule = `must be ${count} records of ${record} bytes, ${count * record} bytes in all`;
    throw invalidFile(place, rule, `${bytes.length} bytes`);
  }
  const images = new Uint8Array(count * PIXELS * CHANNELS);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = bytes[i * record + labelBytes - 1]!;
    interleave(bytes, i * record + labelBytes, images, i * PIXELS * CHANNELS);
  }
  requireLabels(labels, classes, place);
  return { images, labels };
}

/** Copies one image from planes (CHW) to pixels (HWC). */
function interleave(from: Uint8Array, start: number, to: Uint8Array, at: number): void {
  for (let channel = 0; channel < CHANNELS; channel++) {
    const plane = start + channel * PIXELS;
    for (let pixel = 0; pixel < PIXELS; pixel++)
      to[at + pixel * CHANNELS + channel] = from[plane + pixel]!;
  }
}
