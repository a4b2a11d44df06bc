/** @file Test samples that the network has met in training: they make a generalization gap look smaller than it is. */

import { hash } from "node:crypto";

/** Eight bytes a sample: a `Set` would take fifty, and no more than 2^24 of them. */
export class Duplicates {
  #trained = new BigUint64Array(1024);
  #length = 0;
  #isSorted = true;
  /** Test samples that are in the training split, value for value. */
  count = 0;

  addTrain(row: Uint8Array): void {
    if (this.#length === this.#trained.length) {
      const longer = new BigUint64Array(2 * this.#length);
      longer.set(this.#trained);
      this.#trained = longer;
    }
    this.#trained[this.#length++] = digestOf(row);
    this.#isSorted = false;
  }

  addTest(row: Uint8Array): void {
    if (!this.#isSorted) this.#trained.subarray(0, this.#length).sort();
    this.#isSorted = true;
    if (this.#has(digestOf(row))) this.count++;
  }

  #has(digest: bigint): boolean {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#trained[middle]! < digest) low = middle + 1;
      else high = middle;
    }
    return low < this.#length && this.#trained[low] === digest;
  }
}

/** 64 bits tell samples apart: of 10^7 in either split two differing ones are alike with a probability of 10^-5. */
function digestOf(row: Uint8Array): bigint {
  return hash("sha1", row, "buffer").readBigUInt64LE(0);
}

/** The bytes of one row of many. */
export function rowBytes(rows: Uint8Array | Float32Array, size: number, row: number): Uint8Array {
  const bytes = size * rows.BYTES_PER_ELEMENT;
  return new Uint8Array(rows.buffer, rows.byteOffset + row * bytes, bytes);
}
