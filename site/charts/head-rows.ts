/** @file Random-label accuracy of each head of one configuration, from the counts of every epoch. */

import type { Interval } from "../../record/interval.ts";
import type { HeadMetrics } from "../../record/metrics-schema.ts";
import { normalizedAccuracy } from "../../record/normalized-accuracy.ts";
import type { Protocol } from "../../record/protocols.ts";
import type { Run } from "../../record/run.ts";
import { type RunCounts, epochMeans } from "./epoch-means.ts";

export type Head = Pick<HeadMetrics, "tap" | "n" | "draw" | "regularized">;

export interface HeadCurve extends Head {
  /** Online RL-acc rescaled so that 0 is chance and 1 everything; one entry an epoch. */
  epochs: readonly Interval[];
}

export interface HeadCurvesRow extends RunCounts {
  arch: string;
  regs: string;
  /** Epochs that the protocol asks for. */
  length: number;
  /** Label space of the complexity. */
  headline: number;
  /** Names of the taps in order of depth. */
  taps: readonly string[];
  heads: readonly HeadCurve[];
}

export interface HeadSource {
  arch: string;
  regs: string;
  runs: readonly Run[];
  /** In the order of a run's counts. */
  heads: readonly Head[];
  taps: readonly string[];
}

/** Null when no run finished an epoch. */
export function headCurvesRow(
  { arch, regs, runs, heads, taps }: HeadSource,
  { epochs: length, headline }: Pick<Protocol, "epochs" | "headline">,
): HeadCurvesRow | null {
  const means = epochMeans(runs);
  if (means === null) return null;
  return {
    ...{ arch, regs, length, headline, taps },
    ...means.counts,
    heads: heads.map(({ tap, n, draw, regularized }, i) => ({
      ...{ tap, n, draw, regularized },
      epochs: means.over(({ online, seen }) => normalizedAccuracy(online[i]! / seen, n)),
    })),
  };
}
