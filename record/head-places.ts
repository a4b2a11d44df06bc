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

/** Where refits and the null are measured, and how much is. */
export interface ControlPlace {
  tap: number;
  n: number;
  /** Redraws 0..redraws-1 are fitted. */
  redraws: number;
  /** Is the told labelling, draw 0, fitted as well? */
  told: boolean;
}

/**
 * Every tap at the headline n, the last tap at every other n up to `largestN`; in stored order.
 *
 * The told labelling is ranked among `permutations` redraws at the last tap, and at the tap that `rl=` acts on.
 */
export function controlPlaces(
  protocol: Protocol,
  taps: number,
  { randomLabel }: Pick<Regularizers, "randomLabel">,
): ControlPlace[] {
  const { heads, headline, measures } = protocol;
  const { largestN, redraws, permutations } = measures.refit;
  const spaces = heads.map(({ n }) => n).filter((n) => n <= largestN || n === headline);
  const acted = randomLabel.lambda > 0 ? (randomLabel.tap ?? taps) : taps;
  return Array.from({ length: taps }, (_, t) => t + 1).flatMap((tap) =>
    spaces
      .filter((n) => tap === taps || n === headline)
      .map((n) => {
        const told = permutations > 0 && n === headline && (tap === taps || tap === acted);
        return { tap, n, redraws: told ? Math.max(redraws, permutations) : redraws, told };
      }),
  );
}

/** The draws of the heads on the frozen trunk: those at the last tap and the headline n. */
export function frozenHeadDraws({ frozenHeads, heads, headline }: Protocol): number[] {
  const draws = heads.find(({ n }) => n === headline)?.draws ?? 0;
  return Array.from({ length: frozenHeads ? draws : 0 }, (_, draw) => draw);
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
export function learningRate(
  protocol: Pick<Protocol, "learningRate" | "epochs">,
  step: number,
  steps: number,
): number {
  const { peak, rampEpochs } = protocol.learningRate;
  const ramp = Math.min(1, (step + 1) / (rampEpochs * steps));
  return (peak * ramp * (1 + Math.cos((Math.PI * step) / (protocol.epochs * steps)))) / 2;
}
