/** @file A table as LaTeX, of whatever names and texts. */

/** Headings and cells as they are read. */
export interface TextTable {
  titles: string[];
  isNumeric: boolean[];
  cells: string[][];
}

/** Rules of booktabs; the first lines say so, and what its letters need. */
export function latex({ titles, isNumeric, cells }: TextTable): string {
  const line = (row: string[]) => `  ${row.map(escapeLatex).join(" & ")} \\\\\n`;
  return [
    "% \\usepackage{booktabs}\n",
    lettersNeed([titles, ...cells].flat().join("")),
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
  "≤": "$\\le$",
  "≥": "$\\ge$",
  // BibTeX counts braces, also those after a backslash
  "{": "\\textbraceleft{}",
  "}": "\\textbraceright{}",
};

/** A comment of one line, or nothing: names may have letters that LaTeX sets only with an encoding, or not at all. */
export function lettersNeed(text: string): string {
  const escaped = escapeLatex(text);
  if (/[^\0-\u017f‘’“”„—]/.test(escaped))
    return "% for LuaLaTeX or XeLaTeX, with a font that has its letters\n";
  return /[^\0-~]/.test(escaped) ? "% \\usepackage[T1]{fontenc}\n" : "";
}

/**
 * Braces around a bracket: a cell that begins with one would be taken for an argument of the line above. A line break
 * would end a paragraph, or a comment.
 */
export function escapeLatex(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\~^±−×–…·<>|≤≥{}]|[&%$#_]/g, (sign) => SIGNS[sign] ?? `\\${sign}`)
    .replace(/^[[*]/, "{$&}");
}
