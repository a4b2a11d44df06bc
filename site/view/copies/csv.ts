/** @file A view as CSV (RFC 4180): numbers at full precision, each interval in columns of its own. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import { findColumn } from "../board/board-columns.ts";
import { NUMBER_COLUMNS } from "../board/number-columns.ts";

type NumberName = keyof BoardRow["numbers"];

/** Shares stay shares; the digest of the entry always comes first. */
export function csv(rows: readonly BoardRow[], columns: readonly string[]): string {
  const shown = columns.filter((id) => id !== "entry");
  const titles = ["entry", "signer", ...shown.flatMap(titlesOf)];
  const lines = rows.map((row) => [
    row.entry,
    neutral(row.signer.name ?? ""),
    ...shown.flatMap((id) => valuesOf(row, id)),
  ]);
  return [titles, ...lines].map((line) => `${line.map(quote).join(",")}\r\n`).join("");
}

const isNumber = (id: string): id is NumberName => NUMBER_COLUMNS.some((each) => each.id === id);

function titlesOf(id: string): string[] {
  if (isNumber(id)) return [id, `${id}_low`, `${id}_high`];
  return id === "seconds" ? ["seconds", "cpu", "gpu"] : [id];
}

function valuesOf(row: BoardRow, id: string): string[] {
  if (isNumber(id)) {
    const { mean = null, low = null, high = null } = row.numbers[id] ?? {};
    return [mean, low, high].map((value) => (value === null ? "" : String(value)));
  }
  if (id === "seconds") {
    const { cpu, gpus } = row.machine;
    return [String(row.numbers.seconds?.mean ?? ""), neutral(cpu), neutral(gpus.join("; "))];
  }
  if (id === "params") return [String(row.params)];
  if (id === "receivedAt") return [row.receivedAt];
  return [neutral(findColumn(id)!.cell(row).text)];
}

/** A spreadsheet would run a cell that begins like a formula. */
function neutral(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
