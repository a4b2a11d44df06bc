/** @file An entry's runs as raw counts: what everything else is computed from. */

import type { RunMetrics } from "../../record/metrics-schema.ts";
import type { EntryDocument, EntryRuns } from "../../record/answers/documents.ts";
import { csvText } from "../../record/csv.ts";
import { type TidyTable, tidyTables } from "../../record/tidy-tables.ts";
import type { RefitCounts, Run } from "../../record/run.ts";
import type { Column } from "../markup/table.ts";
import { count, decimal, duration, percent } from "../charts/numbers.ts";
import type { ProtocolFacts } from "./protocol-facts.ts";

export interface RunTable {
  columns: Column[];
  rows: string[][];
}

/** @param headline the label space of the learned complexity. */
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
        "Heads on the frozen trunk",
        "Learned complexity (%)",
        "Capacity (%)",
        "Equivalent width",
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

/** The table `runs` of docs/export.md. @param harness the version that the signer declares; null where it is not known. */
export function runsCsv(
  { row, protocol, summary }: EntryDocument,
  { panel, fresh, metrics }: EntryRuns,
  { headline, harness }: { headline: number; harness: string | null },
): string {
  const { arch, regs, params, engine, machine } = row;
  const { device, library, precision } = engine;
  const { cpu, threads } = machine;
  const gpus = machine.gpus.join("; ") || null;
  const [{ columns, rows }] = tidyTables(
    [
      {
        outcome: {
          ...{ protocol: protocol.name, protocolId: protocol.id },
          ...{ arch, regs, params, runs: metrics, summary },
        },
        runs: [...panel, ...fresh],
        ...{ headline, device, library, precision, cpu, gpus, threads, harness },
      },
    ],
    ["runs"],
  ) as [TidyTable];
  return csvText(
    columns.map(({ name }) => name),
    rows,
  );
}

const numeric = (...titles: string[]): Column[] =>
  titles.map((title) => ({ title, numeric: true as const }));

function countCells({ final, heads, frozenHeads, trainSamples, testSamples }: Run, n: number) {
  const last = Math.max(0, ...(heads ?? []).map(({ tap }) => tap));
  const counts = (heads ?? []).filter(
    (head) => head.tap === last && head.n === n && !head.regularized,
  );
  return [
    final === null ? "–" : `${count(final.trainCorrect)} / ${count(trainSamples)}`,
    final === null ? "–" : `${count(final.testCorrect)} / ${count(testSamples)}`,
    joined(counts.map(({ final }) => final)),
    joined(counts.map(({ unseen }) => unseen)),
    joined((frozenHeads ?? []).map(({ final }) => final)),
  ];
}

const joined = (values: readonly number[]) =>
  values.length === 0 ? "–" : values.map(count).join(", ");

function metricCells(metrics: RunMetrics | undefined): string[] {
  if (metrics === undefined) return ["–", "–", "–", "–", "–"];
  const { learnedComplexity, capacity, gap, seconds, ...width } = metrics;
  return [
    percent(learnedComplexity),
    percent(capacity),
    runWidth(width),
    percent(gap),
    duration(seconds),
  ];
}

function runWidth({
  equivalentWidth,
  equivalentWidthBound,
}: Pick<RunMetrics, "equivalentWidth" | "equivalentWidthBound">): string {
  const width = decimal(equivalentWidth, 1);
  return equivalentWidthBound === null ? width : `${equivalentWidthBound} ${width}`;
}

/** Samples whose label each refit at the last tap gets right: the counts of capacity and selectivity. */
export function redrawTable(
  { panel, fresh }: Pick<EntryRuns, "panel" | "fresh">,
  { headline, measures }: Pick<ProtocolFacts, "headline" | "measures">,
): RunTable & { caption: string } {
  const { redraws: first, permutations } = measures.refit;
  const all = Math.max(first, permutations);
  const columns: Column[] = [
    { title: "Seed" },
    { title: "Trunk" },
    { title: "Told", numeric: true },
    { title: `Redraws 0 to ${first - 1}: capacity` },
    ...(all > first ? [{ title: `Redraws ${first} to ${all - 1}: selectivity alone` }] : []),
  ];
  const row = (
    seed: number,
    trunk: string,
    refit: { told: number | null; redraws: readonly number[] } | undefined,
  ) =>
    refit === undefined
      ? []
      : [
          [
            String(seed),
            trunk,
            refit.told === null ? "–" : String(refit.told),
            refit.redraws.slice(0, first).join(", "),
            ...(all > first ? [refit.redraws.slice(first).join(", ") || "–"] : []),
          ],
        ];
  const at = (each: { n: number }) => each.n === headline;
  return {
    caption: `Correct labels of each refit (n = ${headline}, last tap)`,
    columns,
    rows: [...panel, ...fresh].flatMap(({ seed, controls }) => [
      ...row(seed, "network", controls?.refit.findLast(at)),
      ...row(seed, "frozen", untold(controls?.frozen.findLast(at))),
    ]),
  };
}

function untold(refit: Pick<RefitCounts, "redraws"> | undefined) {
  return refit && { told: null, redraws: refit.redraws };
}
