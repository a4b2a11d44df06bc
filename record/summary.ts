/** @file Means over seeds, each with its 95 % t-interval. */

import { z } from "zod";
import { TapNames, tapsOf } from "./architecture.ts";
import { hasBothBounds, runMetrics } from "./metrics.ts";
import { EquivalentWidthBound, RunMetrics, RunNumbers } from "./metrics-schema.ts";
import { type Protocol, protocolId } from "./protocols.ts";
import { Digest, type Run } from "./run.ts";
import { selectivityP } from "./statistics/selectivity.ts";
import { mean, tInterval } from "./statistics/t-interval.ts";
import { type CountedAt, leastVariance, leastVarianceAt } from "./least-variance.ts";
import { Interval } from "./statistics/interval.ts";

/** Means over the runs of one configuration: panel and fresh alike. */
export function summarize(runs: readonly Run[], protocol: Protocol): Summary {
  const all = runs.map((run) => runMetrics(run, protocol));
  const diverged = all.filter(({ status }) => status === "diverged").length;
  return {
    runs: all.length,
    diverged,
    divergence: diverged === 0 ? null : `${diverged} of ${all.length} diverged`,
    ...numberEstimates(all, protocol),
    equivalentWidthBound: widthBound(all),
    selectivityP: headlineSelectivityP(all, protocol),
    heads: headSummaries(all),
    frozenHeads: frozenHeadSummaries(all, protocol),
    controls: controlSummary(all),
  };
}

function numberEstimates(
  runs: RunMetrics[],
  { headline }: Protocol,
): Record<keyof RunNumbers, Estimate> {
  const estimates = NUMBERS.map((name) => {
    const values = runs.map((run) => run[name]);
    const least = (mean: number) => leastVariance(name, { headline, ...runs[0]!.counts }, mean);
    return [name, estimate(values, least)];
  });
  return Object.fromEntries(estimates) as Record<keyof RunNumbers, Estimate>;
}

/** @param least variance of a number with this mean. */
function estimate(
  values: readonly (number | null | undefined)[],
  least: (mean: number) => number = () => 0,
): Estimate {
  const present = values.filter((value) => typeof value === "number");
  if (present.length < values.length || present.length === 0) return null;
  return tInterval(present, least(mean(present)));
}

/** Numbers of a head or of refits, over the m samples of the first run. */
function estimateAt(
  name: CountedAt,
  n: number,
  runs: readonly RunMetrics[],
  values: readonly (number | null | undefined)[],
): Estimate {
  return estimate(values, () => leastVarianceAt(name, n, runs[0]!.counts.trainSamples));
}

/** Every run has the same heads in the same order: the protocol's. Those of a diverged run count as missing. */
function headSummaries(runs: RunMetrics[]): Summary["heads"] {
  return (runs[0]?.heads ?? []).map(({ tap, n, draw, regularized }, i) => {
    const over = (name: "online" | "final" | "normalized" | "bits" | "unseen") =>
      estimateAt(
        name,
        n,
        runs,
        runs.map(({ status, heads }) => (status === "completed" ? heads[i]?.[name] : null)),
      );
    return {
      tap,
      n,
      draw,
      regularized,
      online: over("online"),
      final: over("final"),
      normalized: over("normalized"),
      bits: over("bits"),
      unseen: over("unseen"),
    };
  });
}

function frozenHeadSummaries(runs: RunMetrics[], { headline }: Protocol): Summary["frozenHeads"] {
  return (runs[0]?.frozenHeads ?? []).map(({ draw }, i) => {
    const over = (name: "online" | "final" | "normalized" | "bits" | "unseen") =>
      estimateAt(
        name,
        headline,
        runs,
        runs.map(({ status, frozenHeads }) =>
          status === "completed" ? frozenHeads[i]?.[name] : null,
        ),
      );
    return {
      draw,
      online: over("online"),
      final: over("final"),
      normalized: over("normalized"),
      bits: over("bits"),
      unseen: over("unseen"),
    };
  });
}

/** One bound makes the mean a bound; two of opposite kinds say nothing together. */
function widthBound(runs: RunMetrics[]): Summary["equivalentWidthBound"] {
  if (hasBothBounds(runs)) return "unknown";
  return runs.find((run) => run.equivalentWidthBound !== null)?.equivalentWidthBound ?? null;
}

/** Of the told labelling at the last tap and the headline n; null as soon as one run lacks it. */
function headlineSelectivityP(runs: RunMetrics[], { headline }: Protocol): number | null {
  const counts = runs.flatMap(({ controls }) => {
    const refit = controls?.refit.findLast(({ n }) => n === headline);
    const told = refit?.counts.told ?? null;
    return told === null ? [] : [{ told, redraws: refit!.counts.redraws }];
  });
  return counts.length < runs.length ? null : selectivityP(counts);
}

/** Null as soon as one run has no controls. */
function controlSummary(runs: RunMetrics[]): Summary["controls"] {
  const present = runs.flatMap(({ controls }) => controls ?? []);
  const [first] = present;
  if (!first || present.length < runs.length) return null;
  const refits = (kind: "refit" | "frozen") =>
    first[kind].map(({ tap, n }, i) => {
      const over = (name: "accuracy" | "capacity" | "told") =>
        estimateAt(
          name,
          n,
          runs,
          present.map((controls) => controls[kind][i]?.[name]),
        );
      return {
        tap,
        n,
        accuracy: over("accuracy"),
        capacity: over("capacity"),
        told: over("told"),
      };
    });
  return {
    refit: refits("refit"),
    frozen: refits("frozen"),
    null: first.null.map(({ tap, n, width }, i) => {
      const over = (name: "counts" | "spectrum" | "leverages") =>
        estimate(present.map((controls) => controls.null[i]?.[name]));
      return {
        tap,
        n,
        width,
        counts: over("counts"),
        spectrum: over("spectrum"),
        leverages: over("leverages"),
      };
    }),
    effectiveRank: estimate(present.map(({ effectiveRank }) => effectiveRank)),
    participationRatio: estimate(present.map(({ participationRatio }) => participationRatio)),
    ridge: first.ridge.map(({ l }, i) => ({
      l,
      dimension: estimate(present.map(({ ridge }) => ridge[i]?.dimension)),
    })),
  };
}

/** Null when a run lacks the number, as a mean over the other runs would mislead. */
export const Estimate = Interval.nullable();

export type Estimate = z.infer<typeof Estimate>;

/** The numbers that means are taken of, run by run. */
const NUMBERS = Object.keys(RunNumbers.shape) as (keyof RunNumbers)[];

const place = { tap: z.int().min(1), n: z.int().min(2) };
const Refits = z.array(
  z.strictObject({
    ...place,
    accuracy: Estimate,
    capacity: Estimate,
    told: Estimate,
  }),
);
const headEstimates = {
  online: Estimate,
  final: Estimate,
  normalized: Estimate,
  bits: Estimate,
  unseen: Estimate,
};

export const Summary = z.strictObject({
  runs: z.int().min(0),
  diverged: z.int().min(0),
  /** `2 of 5 diverged`, the reason why means are null; null when none did. */
  divergence: z.string().nullable(),
  ...(Object.fromEntries(NUMBERS.map((name) => [name, Estimate])) as Record<
    keyof RunNumbers,
    typeof Estimate
  >),
  /** What the mean equivalent width is when a run's is a bound; `unknown`: bounds of both kinds. */
  equivalentWidthBound: z.union([EquivalentWidthBound, z.literal("unknown")]).nullable(),
  /** Exact two-sided p of the told labelling's rank sum over the runs; null where it is not measured. */
  selectivityP: z.number().min(0).max(1).nullable(),
  heads: z.array(
    z.strictObject({
      ...place,
      draw: z.int().min(0),
      regularized: z.boolean(),
      ...headEstimates,
    }),
  ),
  frozenHeads: z.array(z.strictObject({ draw: z.int().min(0), ...headEstimates })),
  controls: z
    .strictObject({
      refit: Refits,
      frozen: Refits,
      null: z.array(
        z.strictObject({
          ...place,
          width: z.int().min(1),
          counts: Estimate,
          spectrum: Estimate,
          leverages: Estimate,
        }),
      ),
      effectiveRank: Estimate,
      participationRatio: Estimate,
      ridge: z.array(z.strictObject({ l: z.number(), dimension: Estimate })),
    })
    .nullable(),
});

export type Summary = z.infer<typeof Summary>;

/** What is known of one configuration: the document that `--json` prints. */
export const Outcome = z.strictObject({
  protocol: z.string(),
  protocolId: Digest,
  arch: z.string(),
  regs: z.string(),
  /** Names of the trunk's taps, in order of depth. */
  taps: TapNames,
  /** Parameters of trunk and class head. */
  params: z.int().min(0),
  runs: z.array(RunMetrics),
  summary: Summary,
});

export type Outcome = z.infer<typeof Outcome>;

/** @param runs of one configuration, at least one. */
export function outcome(runs: readonly [Run, ...Run[]], protocol: Protocol): Outcome {
  const [first] = runs;
  const { arch, regs, params } = first;
  return {
    protocol: protocol.name,
    protocolId: protocolId(protocol),
    arch,
    regs,
    taps: tapsOf(first),
    params,
    runs: runs.map((run) => runMetrics(run, protocol)),
    summary: summarize(runs, protocol),
  };
}
