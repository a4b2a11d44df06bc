/** @file What training commands print on stdout: one JSON document, or a table. */

import type { Estimate } from "../../record/summary-schema.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import type { OutputFolder } from "../sweep/output-folder.ts";
import { type Summarized, summarizeFolder } from "../sweep/summary.ts";
import type { Effects } from "./effects.ts";
import { formatCount } from "./format.ts";
import { formatTable } from "./table.ts";

export interface ResultOptions {
  json: boolean;
  /** A sweep's document is a list, even of one. */
  many: boolean;
  exitCode: ExitCode;
}

/** Prints what is finished; after an interrupt there is nothing to say yet. */
export function printResults(
  folders: OutputFolder[],
  { json, many, exitCode }: ResultOptions,
  { out }: Pick<Effects, "out">,
): void {
  if (exitCode === EXIT.interrupted) return;
  const summaries = folders.flatMap((folder) => summarizeFolder(folder) ?? []);
  const [first] = summaries;
  if (!first) return;
  if (!json) return out(resultTable(summaries));
  const { protocol, protocolId } = first;
  const document = many ? { protocol, protocolId, configurations: summaries } : first;
  out(`${JSON.stringify(document, null, 2)}\n`);
}

/** One line per configuration; means with half the width of their 95 % intervals. */
export function resultTable(summaries: Summarized[]): string {
  const rows = summaries.map(({ arch, regs, params, summary }) => [
    arch,
    regs,
    formatCount(params),
    ...(summary.divergence
      ? [summary.divergence, "-", "-", "-"]
      : [
          percent(summary.trainAccuracy),
          percent(summary.testAccuracy),
          percent(summary.gap),
          number(summary.complexity),
        ]),
  ]);
  const table = formatTable(
    [
      { title: "arch", align: "left" },
      { title: "regularizers", align: "left" },
      { title: "params", align: "right" },
      { title: "train accuracy", align: "right" },
      { title: "test accuracy", align: "right" },
      { title: "gap", align: "right" },
      { title: "complexity", align: "right" },
    ],
    rows,
  );
  return `${table}Means over seeds with 95 % intervals. Complexity: 0 is chance, 1 is every random label.\n`;
}

function percent(estimate: Estimate): string {
  return estimate === null ? "-" : `${withInterval(estimate, 100, 1)} %`;
}

function number(estimate: Estimate): string {
  return estimate === null ? "-" : withInterval(estimate, 1, 3);
}

function withInterval({ mean, high }: NonNullable<Estimate>, scale: number, digits: number) {
  const center = (mean * scale).toFixed(digits);
  return high === null ? center : `${center} ± ${((high - mean) * scale).toFixed(digits)}`;
}
