/** @file Features and labels made up for tests, the same at every run. */

import { uniformNumber } from "../../record/random.ts";

/** Standard normal [m, D] (Box & Muller). */
export function gaussianCloud(m: number, D: number, seed: number): Float32Array {
  return Float32Array.from({ length: m * D }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniformNumber(seed, i, 0)));
    return radius * Math.cos(2 * Math.PI * uniformNumber(seed, i, 1));
  });
}

/** Labels in [0, n), [m]. */
export function uniformLabels(m: number, n: number, seed: number): Int32Array {
  return Int32Array.from({ length: m }, (_, i) => Math.floor(n * uniformNumber(seed, n, i, 2)));
}

/** Rows as lists. */
export function toRows(values: Float32Array, m: number): number[][] {
  const D = values.length / m;
  return Array.from({ length: m }, (_, i) => Array.from(values.subarray(i * D, (i + 1) * D)));
}
