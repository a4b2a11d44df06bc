/** @file The null: what a generic cloud of points would give a least-squares head (method.md section 4). */

import { normalTail } from "./special-functions.ts";

const STEP = 1 / 64;
const REACH = 9;

/**
 * Expected training accuracy on n random labels: the integral of phi(u-s) Phi(u)^(n-1) du, s = sqrt(n h/(1-h)).
 *
 * The right label's score is raised by s standard deviations, the sample's own pull on the fit; it wins
 * when it exceeds n - 1 independent others. The trapezoidal rule converges geometrically on such an integrand.
 *
 * @param n labels, >= 2.
 * @param h trace of the hat matrix over m: (D + 1)/m, or ridge effective dimension over m; 1 or more fits all.
 * @returns a share; 1/n at h = 0.
 */
export function nullAccuracy(n: number, h: number): number {
  if (h >= 1) return 1;
  const s = Math.sqrt((n * h) / (1 - h));
  let sum = 0;
  for (let x = -REACH; x <= REACH; x += STEP)
    sum += Math.exp(-0.5 * x * x + (n - 1) * Math.log1p(-normalTail(x + s)));
  return Math.min(1, (sum * STEP) / Math.sqrt(2 * Math.PI));
}
