/** @file Tables for a terminal. */

import { printable } from "./printable.ts";

export interface Column {
  title: string;
  /** Numbers go right, words left. */
  align: "left" | "right";
}

/**
 * One line per row under a line of titles; columns are two spaces apart. A cell may come from a server or a file:
 * nothing in it can steer the terminal.
 */
export function formatTable(columns: Column[], cells: string[][]): string {
  const rows = cells.map((row) => row.map(printable));
  const widths = columns.map(({ title }, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]!.length)),
  );
  const line = (cells: string[]): string =>
    cells
      .map((cell, i) =>
        columns[i]!.align === "right" ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!),
      )
      .join("  ")
      .trimEnd();
  const titles = line(columns.map(({ title }) => title));
  const rule = line(widths.map((width) => "-".repeat(width)));
  return [titles, rule, ...rows.map(line), ""].join("\n");
}
