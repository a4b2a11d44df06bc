/** @file Accuracy on random labels on a scale that does not depend on their number. */

/** A = (accuracy - 1/n) / (1 - 1/n): 0 is chance, 1 is everything; for n = 2 the Rademacher correlation. */
export function normalizedAccuracy(accuracy: number, n: number): number {
  return (accuracy - 1 / n) / (1 - 1 / n);
}
