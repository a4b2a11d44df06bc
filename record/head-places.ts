/** @file Which random-label heads a protocol puts on a trunk, in the one order that counts are kept in. */

import type { Protocol } from "./protocols.ts";
import type { Regularizers } from "./regularizers.ts";

export interface HeadPlace {
  /** From 1, in order of depth. */
  tap: number;
  n: number;
  /** From 0. */
  draw: number;
}

/** All random-label heads, ordered by tap, then by label space as the protocol lists them, then by draw. */
export function headPlaces(protocol: Protocol, taps: number): HeadPlace[] {
  return Array.from({ length: taps }, (_, t) => t + 1).flatMap((tap) =>
    protocol.heads
      .filter((plan) => plan.taps === "all" || tap === taps)
      .flatMap(({ n, draws }) => Array.from({ length: draws }, (_, draw) => ({ tap, n, draw }))),
  );
}

/** The head that `rl=` acts on: draw 0 at the headline n, at the last tap unless another is named; null without `rl=`. */
export function regularizedPlace(
  { randomLabel }: Regularizers,
  protocol: Protocol,
  taps: number,
): HeadPlace | null {
  if (randomLabel.lambda === 0) return null;
  return { tap: randomLabel.tap ?? taps, n: protocol.headline, draw: 0 };
}

export function isSamePlace(a: HeadPlace, b: HeadPlace | null): boolean {
  return b !== null && a.tap === b.tap && a.n === b.n && a.draw === b.draw;
}

/** Where controls are measured: every tap at the headline n, the last tap at every n up to `largestN`; in stored order. */
export function controlPlaces(protocol: Protocol, taps: number): { tap: number; n: number }[] {
  const { heads, headline, measures } = protocol;
  const spaces = heads.map(({ n }) => n).filter((n) => n <= measures.refit.largestN);
  return Array.from({ length: taps }, (_, t) => t + 1).flatMap((tap) =>
    spaces.filter((n) => tap === taps || n === headline).map((n) => ({ tap, n })),
  );
}

/** Number of full batches in an epoch over m samples; a last partial batch is dropped in training. */
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
