/** @file Configurations side by side: paired differences over shared seeds, and what they allow to be said. */

import { z } from "zod";
import type { Outcome } from "../summary.ts";
import {
  halfWidth,
  holm,
  holmLevels,
  pairedTTest,
  signFlipTest,
  tInterval,
} from "../statistics/t-interval.ts";
import { Interval } from "../statistics/interval.ts";

export const QUANTITIES = ["learnedComplexity", "gap", "testAccuracy", "trainAccuracy"] as const;
export type Quantity = (typeof QUANTITIES)[number];

/** Fewer shared seeds than this carry no statement. */
const FEWEST_SEEDS = 5;
const SIGNIFICANT = 0.05;

export const Comparison = z.strictObject({
  quantity: z.enum(QUANTITIES),
  /** Places of the two among the outcomes compared, from 0. */
  a: z.int().min(0),
  b: z.int().min(0),
  /** Completed in both. */
  seeds: z.array(z.int().min(0)),
  /** a minus b, with its 95 % t-interval; null without a shared seed. */
  difference: Interval.nullable(),
  /** Paired t-test, Holm-corrected over the pairs compared in this quantity; null with too few seeds. */
  p: z.number().min(0).max(1).nullable(),
  /** Exact sign-flip test, uncorrected; from 8 pairs. */
  signFlipP: z.number().min(0).max(1).nullable(),
  /**
   * The least difference that these seeds could have shown, beside the other pairs: the t-interval's half-width at the
   * level that Holm's procedure holds this pair's p against; null with too few seeds.
   */
  smallestVisible: z.number().min(0).nullable(),
  verdict: z.enum(["a is higher", "a is lower", "not distinguishable", "too few shared seeds"]),
});
export type Comparison = z.infer<typeof Comparison>;

type Pair = readonly [a: number, b: number];

/**
 * Pairs of outcomes in every quantity; the outcomes must be of one protocol.
 *
 * @param pairs by place; every one of them unless given. A board shows each regularizer against `none` only.
 */
export function compareOutcomes(
  outcomes: readonly Outcome[],
  pairs: readonly Pair[] = everyPair(outcomes),
): Comparison[] {
  if (new Set(outcomes.map(({ protocolId }) => protocolId)).size > 1)
    throw new RangeError("outcomes of different protocols cannot be compared");
  return QUANTITIES.flatMap((quantity) =>
    corrected(pairs.map(([a, b]) => measurePair(outcomes, a, b, quantity))),
  );
}

function everyPair(outcomes: readonly Outcome[]): Pair[] {
  return outcomes.flatMap((_, a) => outcomes.slice(a + 1).map((_, i) => [a, a + 1 + i] as const));
}

/** A pair before it is judged among the others. */
interface MeasuredPair {
  comparison: Comparison;
  /** One for each shared seed. */
  differences: number[];
}

function measurePair(
  outcomes: readonly Outcome[],
  a: number,
  b: number,
  quantity: Quantity,
): MeasuredPair {
  const values = (place: number) =>
    new Map(
      outcomes[place]!.runs.flatMap((run) => {
        const value = run[quantity];
        return value === null ? [] : [[run.seed, value] as const];
      }),
    );
  const [first, second] = [values(a), values(b)];
  const seeds = [...first.keys()].filter((seed) => second.has(seed));
  const differences = seeds.map((seed) => first.get(seed)! - second.get(seed)!);
  const comparison: Comparison = {
    quantity,
    a,
    b,
    seeds,
    difference: seeds.length === 0 ? null : tInterval(differences),
    p: pairedTTest(differences),
    signFlipP: signFlipTest(differences),
    smallestVisible: null,
    verdict: "too few shared seeds",
  };
  return { comparison, differences };
}

/** Holm over the pairs that can be tested; the words follow the test. */
function corrected(measured: readonly MeasuredPair[]): Comparison[] {
  const testable = measured.filter(({ differences }) => differences.length >= FEWEST_SEEDS);
  const values = testable.map(({ comparison }) => comparison.p!);
  const [adjusted, levels] = [holm(values), holmLevels(values, SIGNIFICANT)];
  return measured.map((pair) => {
    const { comparison, differences } = pair;
    const at = testable.indexOf(pair);
    if (at < 0) return { ...comparison, p: null };
    const p = adjusted[at]!;
    const smallestVisible = halfWidth(differences, 1 - levels[at]!);
    return { ...comparison, p, smallestVisible, verdict: verdict(comparison, p) };
  });
}

function verdict({ difference }: Comparison, p: number): Comparison["verdict"] {
  if (p >= SIGNIFICANT) return "not distinguishable";
  return difference!.mean > 0 ? "a is higher" : "a is lower";
}
