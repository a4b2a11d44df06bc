/** @file A board as a table for spreadsheets. */

import { stringify } from "csv-stringify/sync";
import { boardRows } from "../../db/read/entry-document.ts";
import type { Reader } from "../../db/db.ts";
import type { BoardRow } from "../../record/board/board-row.ts";
import { csvNames } from "../../record/board/csv.ts";
import type { Estimate } from "../../record/summary.ts";

type Cell = string | number | null;

const NUMBERS = [
  "complexity",
  "gap",
  "testAccuracy",
  "trainAccuracy",
  "bits",
  "effectiveRank",
  "refitComplexity",
  "frozenComplexity",
  "nullComplexity",
  "seconds",
] as const satisfies (keyof BoardRow["numbers"])[];

const HEAD = [
  ...["entry", "state", "arch", "regs", "custom", "params", "key", "name", "runs", "divergence"],
  ...NUMBERS.flatMap(csvNames),
  ...["agree", "disagree", "inconclusive", "challengesCompleted", "challengesIssued", "notes"],
  ...["device", "library", "cpu", "receivedAt", "counted", "representedBy"],
  ...["challengeHolders", "challengesAbandoned", "ownChallengesCompleted", "ownChallengesIssued"],
  "ownChallengesAbandoned",
  ...["disputedFor", "weighs", "sameCountsAs"],
];

/** In parts of some hundred lines; every entry, hidden ones as well. */
export async function* boardCsv(db: Reader, protocol: string): AsyncGenerator<string> {
  yield csv([HEAD]);
  for await (const rows of boardRows(db, protocol)) yield csv(rows.map(({ row }) => cells(row)));
}

/** Text that a spreadsheet would take for a formula gets an apostrophe in front. */
function csv(records: readonly (readonly Cell[])[]): string {
  return stringify([...records.map((each) => [...each])], {
    escape_formulas: true,
    record_delimiter: "windows", // RFC 4180
  });
}

function cells(row: BoardRow): Cell[] {
  const { standing, numbers } = row;
  const { agree, disagree, inconclusive } = standing.reproductions;
  const { byKey, byAnybody } = standing.challenges;
  const { completed, issued } = byAnybody;
  const abandoned = standing.challengers?.abandoned;
  return [
    ...[row.entry, standing.state, row.arch, row.regs, row.custom ? "yes" : "no", row.params],
    ...[row.signer.key, row.signer.name, row.panel + row.fresh, row.divergence],
    ...NUMBERS.flatMap((name) => estimate(numbers[name])),
    ...[agree, disagree, inconclusive, completed, issued],
    ...[row.notes.map(({ kind }) => kind).join(" ")],
    ...[row.engine.device, row.engine.library, row.machine.cpu, row.receivedAt],
    ...[row.counted ? "yes" : "no", row.representedBy],
    ...[standing.challengers?.holders ?? null, abandoned?.byAnybody ?? null],
    ...[byKey.completed, byKey.issued, abandoned?.byKey ?? null],
    ...[standing.disputedFor.join(" "), standing.weighs ? "yes" : "no", standing.sameCountsAs],
  ];
}

function estimate(value: Estimate): Cell[] {
  return value === null ? [null, null, null] : [value.mean, value.low, value.high];
}
