/** @file What the eigenvalues of Z'Z/m say about a representation (method.md section 4). */

import type { Controls } from "../../record/run.ts";

/** Ridge penalties at which the effective dimension is reported. */
type Spectrum = Controls["spectrum"];

/**
 * Effective rank (Roy & Vetterli 2007: exp of the entropy of the normalised eigenvalues), participation ratio
 * (sum e)^2 / sum e^2, and ridge effective dimensions. All are 0 when no feature varies.
 *
 * @param eigenvalues in any order; a negative one is rounding, and counts as 0.
 */
export function spectrumOf(eigenvalues: Float64Array, penalties: readonly number[]): Spectrum {
  const positive = eigenvalues.filter((e) => e > 0);
  const sum = positive.reduce((total, e) => total + e, 0);
  const squares = positive.reduce((total, e) => total + e * e, 0);
  const entropy = positive.reduce((total, e) => total - (e / sum) * Math.log(e / sum), 0);
  return {
    effectiveRank: sum > 0 ? Math.exp(entropy) : 0,
    participationRatio: sum > 0 ? (sum * sum) / squares : 0,
    ridge: penalties.map((l) => ({ l, dimension: ridgeDimension(positive, l) })),
  };
}

/** Sum of e/(e + l): how many directions a ridge regression of penalty l uses. */
export function ridgeDimension(eigenvalues: Float64Array, l: number): number {
  return eigenvalues.reduce((total, e) => total + Math.max(e, 0) / (Math.max(e, 0) + l), 0);
}
