/** @file An entry's runs as raw counts: what everything else is computed from. */

import type { RunMetrics } from "../../record/metrics-schema.ts";
import type { EntryRuns } from "../../record/answers/documents.ts";
import type { Run } from "../../record/run.ts";
import type { Column } from "../markup/table.ts";
import { count, duration, percent } from "../charts/numbers.ts";

export interface RunTable {
  columns: Column[];
  rows: string[][];
}

/** @param headline the label space of the complexity. */
export function runTable({ panel, fresh, metrics }: EntryRuns, headline: number): RunTable {
  const runs = [...panel, ...fresh];
  return {
    columns: [
      { title: "Seed" },
      { title: "Kind" },
      { title: "Status" },
      ...numeric(
        "Epochs",
        "Train correct",
        "Test correct",
        `Random labels known (n = ${headline}, last tap)`,
        "Unseen labels hit",
        "Refit",
        "Frozen trunk",
        "Complexity (%)",
        "Gap (points)",
        "Time · declared",
      ),
    ],
    rows: runs.map((run, i) => [
      String(run.seed),
      i < panel.length ? "panel" : "fresh",
      run.status,
      String(run.epochs.length),
      ...countCells(run, headline),
      ...metricCells(metrics[i]),
    ]),
  };
}

const numeric = (...titles: string[]): Column[] =>
  titles.map((title) => ({ title, numeric: true as const }));

function countCells({ final, heads, controls, trainSamples, testSamples }: Run, n: number) {
  const last = Math.max(0, ...(heads ?? []).map(({ tap }) => tap));
  const here = (each: { tap: number; n: number }) => each.tap === last && each.n === n;
  const counts = (heads ?? []).filter((head) => here(head) && !head.regularized);
  const refit = controls?.refit.find(here);
  const frozen = controls?.frozen.find(here);
  const joined = (values: number[]) => (values.length === 0 ? "–" : values.map(count).join(", "));
  return [
    final === null ? "–" : `${count(final.trainCorrect)} / ${count(trainSamples)}`,
    final === null ? "–" : `${count(final.testCorrect)} / ${count(testSamples)}`,
    joined(counts.map(({ final }) => final)),
    joined(counts.map(({ unseen }) => unseen)),
    refit === undefined ? "–" : refit.redraws.slice(0, 8).map(count).join(", "),
    frozen === undefined ? "–" : frozen.redraws.map(count).join(", "),
  ];
}

function metricCells(metrics: RunMetrics | undefined): string[] {
  if (metrics === undefined) return ["–", "–", "–"];
  const { learnedComplexity, gap, seconds } = metrics;
  return [percent(learnedComplexity), percent(gap), duration(seconds)];
}
