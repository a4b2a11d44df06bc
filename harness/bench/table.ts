/** @file A benchmark's result as tables: cells for a terminal or a document. */

import type { BenchResult } from "./bench.ts";
import type { Row } from "./rows.ts";
import { verdicts, type Verdict } from "./verdicts.ts";

export interface Table {
  columns: { title: string; align: "left" | "right" }[];
  rows: string[][];
}

const left = (title: string) => ({ title, align: "left" as const });
const right = (title: string) => ({ title, align: "right" as const });

export function speedTable({ rows, sgemmFlops }: BenchResult): Table {
  const columns = [left("model"), right("batch"), right("here"), right("PyTorch")].concat(
    [right("compiled"), right("tf.function"), right("to PyTorch"), right("to tf.function")],
    [right("of sgemm")],
  );
  return { columns, rows: rows.map((row) => speedCells(row, sgemmFlops!)) };
}

const speedCells = (row: Row, sgemmFlops: number) => [
  row.name,
  String(row.batch),
  ...[row.here, row.torch, row.torchCompiled, row.tensorflow].map(speed),
  row.ratio.toFixed(2),
  row.ceilingRatio.toFixed(2),
  percent(row.flops / sgemmFlops),
];

export function goalTable(result: BenchResult): Table {
  const columns = [left("goal"), right("measured"), right("wanted"), left("")];
  const rows = verdicts(result).map((verdict) => [
    verdict.what,
    written(verdict, verdict.value),
    wanted(verdict),
    outcome(verdict),
  ]);
  return { columns, rows };
}

function outcome({ met, quiet }: Verdict): string {
  if (met === null) return "";
  if (!quiet) return "not judged: other programs were at work";
  return met ? "met" : "missed";
}

function wanted(verdict: Verdict): string {
  if (verdict.wanted === null) return "-";
  const sign = verdict.wanted === "at least" ? ">=" : "<=";
  return `${sign} ${written(verdict, verdict.goal)}`;
}

function written({ unit }: Verdict, value: number): string {
  if (unit === "ratio") return value.toFixed(2);
  if (unit === "count") return String(value);
  return unit === "share" ? percent(value) : `${value.toFixed(1)} s`;
}

/** Three digits and no more: `84.3`, `1,230`, `34,200`. */
const speed = (value: number) =>
  Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 1 });
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
