/** @file Steps and the learning rate at each. */

import type { Protocol } from "./protocol.ts";

/** Full batches in an epoch over m samples; a last partial one is dropped in training. */
export function stepsPerEpoch(protocol: Protocol, m: number): number {
  return Math.floor(m / protocol.batch);
}

/**
 * Linear ramp times half cosine: peak * min(1, (t+1)/(R S)) * (1 + cos(pi t/T))/2 at step t = 0..T-1,
 * with S steps an epoch, R epochs of ramp and T = epochs * S.
 *
 * @param step t, counted over the whole run.
 */
export function learningRate(protocol: Protocol, step: number, steps: number): number {
  const { peak, rampEpochs } = protocol.learningRate;
  const ramp = Math.min(1, (step + 1) / (rampEpochs * steps));
  return (peak * ramp * (1 + Math.cos((Math.PI * step) / (protocol.epochs * steps)))) / 2;
}
