/** @file A variate of Beta(alpha, alpha), reproducible from one key. */

import { uniform } from "../random.ts";

/** Marsaglia & Tsang 2000, "A simple method for generating gamma variables", with their boost for shape < 1. */
function gammaVariate(shape: number, next: () => number): number {
  if (shape < 1) return gammaVariate(shape + 1, next) * next() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()); // Box & Muller 1958
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(next()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** In [0, 1]; a function of alpha and key alone. */
export function betaVariate(alpha: number, key: number): number {
  let i = 0;
  const next = () => uniform(key, i++) || 2 ** -33; // never zero: it goes into a logarithm
  const [a, b] = [gammaVariate(alpha, next), gammaVariate(alpha, next)];
  return a + b > 0 ? a / (a + b) : 0.5;
}
