/** @file The null: what a generic cloud of points would give a least-squares head (method.md section 4). */

import { normalTail } from "./special-functions.ts";

/** Density of the integral's grid, u = i / DENSITY for whole i. */
const DENSITY = 64;
const REACH = 9;

/** ln Phi(u) at u = -REACH + i / DENSITY, up to REACH, above which it is 0; computed once, because it is costly. */
const logPhi: number[] = [];

function logPhiAt(i: number): number {
  if (logPhi.length === 0)
    for (let u = -REACH; u <= REACH; u += 1 / DENSITY) logPhi.push(Math.log1p(-normalTail(u)));
  return logPhi[i + REACH * DENSITY] ?? 0;
}

/**
 * Expected training accuracy on n random labels: the integral of phi(u-s) Phi(u)^(n-1) du, s = sqrt(n h/(1-h)).
 *
 * The right label's score is raised by s standard deviations, the sample's own influence on the fit; it wins
 * when it exceeds n - 1 independent others. The trapezoidal rule converges geometrically on such an integrand.
 *
 * @param n labels, >= 2.
 * @param h trace of the hat matrix over m: (D + 1)/m, or ridge effective dimension over m; 1 or more fits all.
 * @returns a share; 1/n at h = 0.
 * @example nullAccuracy(10, 257 / 50_000) // 0.1395..., for D = 256 and m = 50,000
 */
export function nullAccuracy(n: number, h: number): number {
  if (h >= 1) return 1;
  const s = Math.sqrt((n * h) / (1 - h));
  const [first, last] = [Math.ceil((s - REACH) * DENSITY), Math.floor((s + REACH) * DENSITY)];
  let sum = 0;
  for (let i = first; i <= last; i++)
    sum += Math.exp(-0.5 * (i / DENSITY - s) ** 2 + (n - 1) * logPhiAt(i));
  return Math.min(1, sum / DENSITY / Math.sqrt(2 * Math.PI));
}
