/** @file A view as a Markdown table (GitHub flavour). */

import type { CopiedTable } from "./copied-table.ts";

export function markdown({ titles, isNumeric, cells }: CopiedTable): string {
  const rule = isNumeric.map((numeric) => (numeric ? "---:" : "---"));
  const lines = [titles.map(escape), rule, ...cells.map((row) => row.map(escape))];
  return lines.map((line) => `| ${line.join(" | ")} |\n`).join("");
}

/** Names come from strangers: nothing in them is markup. */
function escape(text: string): string {
  return text.replace(/[\\|`*_[\]<>&~#!]/g, "\\$&").replace(/\s+/g, " ");
}
