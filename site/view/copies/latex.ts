/** @file A view as a LaTeX table that needs no package. */

import type { CopiedTable } from "./copied-table.ts";

export function latex({ titles, isNumeric, cells }: CopiedTable): string {
  const line = (row: string[]) => `  ${row.map(escapeLatex).join(" & ")} \\\\\n`;
  return [
    `\\begin{tabular}{${isNumeric.map((numeric) => (numeric ? "r" : "l")).join("")}}\n`,
    "  \\hline\n",
    line(titles),
    "  \\hline\n",
    ...cells.map(line),
    "  \\hline\n",
    "\\end{tabular}\n",
  ].join("");
}

const SIGNS: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "±": "$\\pm$",
  "−": "$-$",
  "×": "$\\times$",
  "–": "--",
  "…": "\\ldots{}",
  "·": "$\\cdot$",
};

export function escapeLatex(text: string): string {
  return text.replace(/[\\~^±−×–…·]|[&%$#_{}]/g, (sign) => SIGNS[sign] ?? `\\${sign}`);
}
