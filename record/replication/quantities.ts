/** @file The quantities that the replication plan compares, each a function of one run's record (method.md section 4). */

import { tapsOf } from "../architecture.ts";
import { leastVariance, leastVarianceAt } from "../least-variance.ts";
import { headPlaces, isSamePlace, regularizedPlace } from "../head-places.ts";
import { runMetrics } from "../metrics.ts";
import type { RunMetrics } from "../metrics-schema.ts";
import { normalizedAccuracy } from "../normalized-accuracy.ts";
import type { Protocol } from "../protocols.ts";
import { parseRegularizers } from "../regularizers.ts";
import type { Run } from "../run.ts";
import { arbitraryFitted, nearDuplicateGain, nearDuplicateSteps } from "./memorised.ts";
import { mean } from "../statistics/t-interval.ts";

/** Those of `RunNumbers`, and six more. */
export const QUANTITIES = [
  ...(["learnedComplexity", "learnedMinusFrozen", "selectivity", "testAccuracy"] as const),
  ...(["onlineRise", "depthRise", "firstTapComplexity", "toldAccuracy"] as const),
  ...(["arbitraryFitted", "nearDuplicateGain"] as const),
] as const;
export type Quantity = (typeof QUANTITIES)[number];

/** Null where the run lacks it, as a diverged one does. */
export function quantityOf(name: Quantity, run: Run, protocol: Protocol): number | null {
  if (run.status === "diverged") return null;
  return isOwn(name) ? OWN[name](run, protocol) : metricsOf(run, protocol)[name];
}

/** One run's numbers enter many contrasts, and its equivalent width is a search. */
const metrics = new WeakMap<Run, RunMetrics>();

export function metricsOf(run: Run, protocol: Protocol): RunMetrics {
  const known = metrics.get(run) ?? runMetrics(run, protocol);
  metrics.set(run, known);
  return known;
}

const OWN = {
  ...{ onlineRise, depthRise, firstTapComplexity, toldAccuracy },
  ...{ arbitraryFitted, nearDuplicateGain: (run: Run) => nearDuplicateGain(run) },
};

const isOwn = (name: Quantity): name is keyof typeof OWN => Object.hasOwn(OWN, name);

/** A of the last tap's heads on training batches before each update, last epoch minus first; n = headline, without the head that `rl=` acts on. */
function onlineRise(run: Run, protocol: Protocol): number | null {
  const [first, last] = [run.epochs[0], run.epochs.at(-1)];
  if (!first || !last) return null;
  const at = freeHeads(run, protocol, tapsOf(run).length);
  const online = ({ online, seen }: Run["epochs"][number]) =>
    mean(at.map((i) => normalizedAccuracy(online[i]! / seen, protocol.headline)));
  return online(last) - online(first);
}

/** K b: from the first tap to the last along the least-squares line through A of every tap, over the taps' numbers. */
function depthRise(run: Run, protocol: Protocol): number | null {
  const weights = depthWeights(tapsOf(run).length);
  const values = weights.map((_, t) => tapComplexity(run, protocol, t + 1));
  if (weights.length < 2 || values.includes(null)) return null;
  return weights.reduce((sum, weight, t) => sum + weight * values[t]!, 0);
}

/** What each tap's value counts for in the rise of their least-squares line from its first end to its last. */
export function depthWeights(taps: number): number[] {
  const distances = Array.from({ length: taps }, (_, t) => t - (taps - 1) / 2);
  const squares = distances.reduce((sum, distance) => sum + distance ** 2, 0);
  return distances.map((distance) => ((taps - 1) * distance) / squares);
}

function firstTapComplexity(run: Run, protocol: Protocol): number | null {
  return tapComplexity(run, protocol, 1);
}

/** RL-acc, `final`, of draw 0 at the last tap and the headline n: the head that `rl=` acts on. */
function toldAccuracy(run: Run, protocol: Protocol): number | null {
  const place = { tap: tapsOf(run).length, n: protocol.headline, draw: 0 };
  const head = run.heads?.find((each) => isSamePlace(each, place));
  return head ? head.final / run.trainSamples : null;
}

/** A at the headline n, `final`, mean over the tap's heads that `rl=` does not act on. @param tap from 1. */
export function tapComplexity(run: Run, protocol: Protocol, tap: number): number | null {
  const at = freeHeads(run, protocol, tap);
  if (run.heads === null || at.length === 0) return null;
  const a = (i: number) =>
    normalizedAccuracy(run.heads![i]!.final / run.trainSamples, protocol.headline);
  return mean(at.map(a));
}

/** Indices of a tap's heads at the headline n that `rl=` does not act on. */
function freeHeads(run: Run, protocol: Protocol, tap: number): number[] {
  const taps = tapsOf(run).length;
  const regularized = regularizedPlace(parseRegularizers(run.regs), protocol, taps);
  return headPlaces(protocol, taps).flatMap((place, i) =>
    place.tap === tap && place.n === protocol.headline && !isSamePlace(place, regularized)
      ? [i]
      : [],
  );
}

/**
 * The variance that a quantity has at least, as its counts move in steps (trust.md section 4): g^2/12 for each, times the
 * square of its weight.
 *
 * @param run any of a cell: it gives the numbers of samples and taps.
 */
export function leastVarianceOf(name: Quantity, run: Run, protocol: Protocol): number {
  const { trainSamples, testSamples } = run;
  const { headline } = protocol;
  if (!isOwn(name)) return leastVariance(name, { headline, trainSamples, testSamples });
  const ofA = leastVarianceAt("normalized", headline, trainSamples);
  const ofOwn: Record<keyof typeof OWN, () => number> = {
    onlineRise: () => {
      const ends = [run.epochs[0], run.epochs.at(-1)].filter((epoch) => epoch !== undefined);
      return ends.reduce((sum, { seen }) => sum + leastVarianceAt("normalized", headline, seen), 0);
    },
    depthRise: () =>
      depthWeights(tapsOf(run).length).reduce((sum, weight) => sum + weight ** 2 * ofA, 0),
    firstTapComplexity: () => ofA,
    toldAccuracy: () => leastVarianceAt("final", headline, trainSamples),
    arbitraryFitted: () => leastVarianceAt("final", headline, trainSamples),
    nearDuplicateGain: () =>
      nearDuplicateSteps(run).reduce((sum, step) => sum + (step * step) / 12, 0),
  };
  return ofOwn[name]();
}
