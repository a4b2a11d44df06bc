/** @file What training commands print on stdout: one JSON document, or a table. */

import { type Difference, differences } from "../../record/statement/conditions.ts";
import { differenceText } from "../../record/statement/difference-words.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { environmentsOfRuns } from "../study/run-environments.ts";
import { conditionsOf, environmentsOf } from "../study/trained.ts";
import { type OutputFolder, type Summarized, summarizeFolder } from "../study/run-folder.ts";
import type { Effects } from "../effects.ts";
import { formatCount, formatPercentInterval, formatWidth } from "../format.ts";
import { formatTable } from "../terminal-table.ts";

export interface ResultOptions {
  json: boolean;
  /** A sweep's document is a list, even of one. */
  many: boolean;
  exitCode: ExitCode;
}

/** Prints what is finished; after an interruption, nothing. */
export function printResults(
  folders: OutputFolder[],
  { json, many, exitCode }: ResultOptions,
  { out }: Pick<Effects, "out">,
): void {
  if (exitCode === EXIT.interrupted) return;
  const finished = folders.flatMap((folder) => {
    const summary = summarizeFolder(folder);
    if (summary === null) return [];
    const seeds = summary.runs.map(({ seed }) => seed);
    const environments = environmentsOf(folder.path, environmentsOfRuns(folder.path, seeds));
    return [{ summary, conditions: conditionsOf({ folder, environments, outcome: summary }) }];
  });
  const summaries = finished.map(({ summary }) => summary);
  const [first] = summaries;
  if (!first) return;
  const differing = differences(finished.map(({ conditions }) => conditions));
  if (!json) return out(resultTable(summaries, differing));
  const { protocol, protocolId } = first;
  const document = many
    ? { protocol, protocolId, differences: differing, configurations: summaries }
    : first;
  out(`${JSON.stringify(document, null, 2)}\n`);
}

/**
 * One line per configuration: means with half the width of their 95 % intervals. Notes below the table say what keeps
 * configurations off the boards, and what was not the same for all of them.
 */
export function resultTable(
  summaries: Summarized[],
  differing: readonly Difference[] = [],
): string {
  const rows = summaries.map(({ arch, regs, params, summary }) => [
    arch,
    regs,
    formatCount(params),
    ...(summary.divergence
      ? [summary.divergence, "-", "-", "-", "-", "-"]
      : [
          formatPercentInterval(summary.trainAccuracy),
          formatPercentInterval(summary.testAccuracy),
          formatPercentInterval(summary.gap),
          formatPercentInterval(summary.learnedComplexity),
          formatPercentInterval(summary.capacity),
          formatWidth(summary),
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
      { title: "learned complexity", align: "right" },
      { title: "capacity", align: "right" },
      { title: "equivalent width", align: "right" },
    ],
    rows,
  );
  const names = summaries.map(({ arch, regs }) => `${arch} ${regs}`);
  const notes = [
    ...Array.from(
      Map.groupBy(summaries.keys(), (i) => summaries[i]!.unsubmittable.join("; ")),
      ([reason, places]) =>
        offBoards(
          reason,
          places.map((i) => names[i]!),
          summaries.length,
        ),
    ),
    ...differing.map((difference) => {
      const what = difference.weight === "refused" ? "Cannot be compared" : "Not the same";
      return `${what}: ${differenceText(difference, names)}.\n`;
    }),
  ];
  return `${table}${LEGEND}${notes.join("")}`;
}

const LEGEND =
  "Means over seeds with 95 % intervals. Learned complexity (heads trained alongside) and capacity (ridge regression on the\n" +
  "final features): 0 is chance, 100 % every random label. Equivalent width: of a shapeless cloud with the same capacity,\n" +
  "comparable within one protocol.\n";

function offBoards(reason: string, names: readonly string[], all: number): string {
  if (reason === "") return "";
  return `Not for a board${names.length === all ? "" : ` (${names.join(", ")})`}: ${reason}.\n`;
}
