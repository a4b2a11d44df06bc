/** @file Configurations side by side: paired differences over shared seeds, and what they allow to be said. */

import { z } from "zod";
import type { Outcome } from "../summary.ts";
import { leastVariance } from "../least-variance.ts";
import { PairedTest, testTogether } from "../statistics/paired-tests.ts";
import { FEWEST_SEEDS, QUANTITIES, type Quantity } from "./comparison-words.ts";

/** Two outcomes in one quantity; their pairs are the values of one seed. */
export const Comparison = z.strictObject({
  quantity: z.enum(QUANTITIES),
  /** Places of the two among the outcomes compared, from 0. */
  a: z.int().min(0),
  b: z.int().min(0),
  /** Completed in both. */
  seeds: z.array(z.int().min(0)),
  ...PairedTest.shape,
  verdict: z.enum(["a is higher", "a is lower", "not distinguishable", "too few shared seeds"]),
});
export type Comparison = z.infer<typeof Comparison>;

type Pair = readonly [a: number, b: number];

interface Compared {
  /** The protocol's n, for the step of complexity and capacity. */
  headline: number;
  /** By place; every pair unless given. A board shows each regularizer against `none` only. */
  pairs?: readonly Pair[];
  /** Every one unless given. */
  quantities?: readonly Quantity[];
}

/**
 * Pairs of outcomes, quantity by quantity; the outcomes must be of one protocol. Everything asked for together is one
 * family: Holm's correction is over every pair in every quantity that has seeds enough.
 */
export function compareOutcomes(
  outcomes: readonly Outcome[],
  { headline, pairs = everyPair(outcomes), quantities = QUANTITIES }: Compared,
): Comparison[] {
  if (new Set(outcomes.map(({ protocolId }) => protocolId)).size > 1)
    throw new RangeError("outcomes of different protocols cannot be compared");
  const asked = quantities.flatMap((quantity) =>
    pairs.map(([a, b]) => ({
      quantity,
      a,
      b,
      ...pairedValues(outcomes, a, b, quantity, headline),
    })),
  );
  const tests = testTogether(asked, FEWEST_SEEDS);
  return asked.map(({ quantity, a, b, seeds }, i) => {
    const { verdict, ...test } = tests[i]!;
    return { quantity, a, b, seeds, ...test, verdict: verdict ?? "too few shared seeds" };
  });
}

function everyPair(outcomes: readonly Outcome[]): Pair[] {
  return outcomes.flatMap((_, a) => outcomes.slice(a + 1).map((_, i) => [a, a + 1 + i] as const));
}

/** Differences over the seeds that completed in both. */
function pairedValues(
  outcomes: readonly Outcome[],
  a: number,
  b: number,
  quantity: Quantity,
  headline: number,
) {
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
  const run = outcomes[a]!.runs[0];
  // of two numbers, each with steps of its own
  const least = run === undefined ? 0 : 2 * leastVariance(quantity, { headline, ...run.counts });
  return { seeds, differences, least };
}
