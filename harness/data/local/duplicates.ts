/** @file Test samples that the network has met in training: they make a generalization gap look smaller than it is. */

import { hash } from "node:crypto";

export class Duplicates {
  readonly #trained = new Set<string>();
  /** Test samples that are in the training split, value for value. */
  count = 0;

  addTrain(row: Uint8Array): void {
    this.#trained.add(hash("sha1", row, "base64"));
  }

  addTest(row: Uint8Array): void {
    if (this.#trained.has(hash("sha1", row, "base64"))) this.count++;
  }
}

/** The bytes of one row of many. */
export function rowBytes(rows: Uint8Array | Float32Array, size: number, row: number): Uint8Array {
  const bytes = size * rows.BYTES_PER_ELEMENT;
  return new Uint8Array(rows.buffer, rows.byteOffset + row * bytes, bytes);
}
