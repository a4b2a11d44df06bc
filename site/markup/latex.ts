/** @file A table as LaTeX, of whatever names and texts. */

/** Headings and cells as they are read. */
export interface TextTable {
  titles: string[];
  isNumeric: boolean[];
  cells: string[][];
}

/** Rules of booktabs; the first line says so. */
export function latex({ titles, isNumeric, cells }: TextTable): string {
  const line = (row: string[]) => `  ${row.map(escapeLatex).join(" & ")} \\\\\n`;
  return [
    "% \\usepackage{booktabs}\n",
    `\\begin{tabular}{${isNumeric.map((numeric) => (numeric ? "r" : "l")).join("")}}\n`,
    "  \\toprule\n",
    line(titles),
    "  \\midrule\n",
    ...cells.map(line),
    "  \\bottomrule\n",
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
  "<": "$<$",
  ">": "$>$",
  "|": "$|$",
};

/**
 * Braces around a bracket: a cell that begins with one would be taken for an argument of the line above. A line break
 * would end a paragraph, or a comment.
 */
export function escapeLatex(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\~^±−×–…·<>|]|[&%$#_{}]/g, (sign) => SIGNS[sign] ?? `\\${sign}`)
    .replace(/^[[*]/, "{$&}");
}
