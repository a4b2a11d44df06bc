/** @file Means over seeds, each with its 95 % t-interval. */

import { runMetrics } from "./metrics.ts";
import type { ControlMetrics, RunMetrics, RunNumbers } from "./metrics-schema.ts";
import type { Protocol } from "./protocol.ts";
import type { Run } from "./run.ts";
import { tInterval } from "./statistics.ts";
import { NUMBERS, type Estimate, type Summary } from "./summary-schema.ts";

/** Means over the runs of one configuration: panel and fresh alike. */
export function summarize(runs: readonly Run[], protocol: Protocol): Summary {
  const all = runs.map((run) => runMetrics(run, protocol));
  const diverged = all.filter(({ status }) => status === "diverged").length;
  return {
    runs: all.length,
    diverged,
    divergence: diverged === 0 ? null : `${diverged} of ${all.length} diverged`,
    ...(Object.fromEntries(
      NUMBERS.map((name) => [name, estimate(all.map((run) => run[name]))]),
    ) as Record<keyof RunNumbers, Estimate>),
    heads: headSummaries(all),
    controls: controlSummary(all.map(({ controls }) => controls)),
  };
}

function estimate(values: readonly (number | null | undefined)[]): Estimate {
  const present = values.filter((value) => typeof value === "number");
  return present.length < values.length || present.length === 0 ? null : tInterval(present);
}

/** Every run has the same heads in the same order: the protocol's. Those of a diverged run count as missing. */
function headSummaries(runs: RunMetrics[]): Summary["heads"] {
  return (runs[0]?.heads ?? []).map(({ tap, n, draw, regularized }, i) => {
    const over = (name: "online" | "final" | "normalized" | "bits" | "unseen") =>
      estimate(runs.map(({ status, heads }) => (status === "completed" ? heads[i]?.[name] : null)));
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

/** Null as soon as one run has no controls. */
function controlSummary(runs: (ControlMetrics | null)[]): Summary["controls"] {
  const present = runs.filter((controls) => controls !== null);
  const [first] = present;
  if (!first || present.length < runs.length) return null;
  const refits = (kind: "refit" | "frozen") =>
    first[kind].map(({ tap, n }, i) => ({
      tap,
      n,
      accuracy: estimate(present.map((controls) => controls[kind][i]?.accuracy)),
    }));
  return {
    refit: refits("refit"),
    frozen: refits("frozen"),
    null: first.null.map(({ tap, n }, i) => ({
      tap,
      n,
      accuracy: estimate(present.map((controls) => controls.null[i]?.accuracy)),
      ridgeAccuracy: estimate(present.map((controls) => controls.null[i]?.ridgeAccuracy)),
    })),
    effectiveRank: estimate(present.map(({ effectiveRank }) => effectiveRank)),
    participationRatio: estimate(present.map(({ participationRatio }) => participationRatio)),
    ridge: first.ridge.map(({ l }, i) => ({
      l,
      dimension: estimate(present.map(({ ridge }) => ridge[i]?.dimension)),
    })),
  };
}
