/** @file The report's tables for a paper and for other programs: LaTeX to copy, and files to save. */

import type { VNode } from "preact";
import { csvText } from "../../record/csv.ts";
import type { Summary } from "../../record/summary.ts";
import { widthText } from "../../site/charts/capacity-words.ts";
import { percentInterval } from "../../site/charts/numbers.ts";
import { h } from "../../site/markup/element.ts";
import { CSV, fileLink } from "../../site/markup/file-link.ts";
import { type TextTable, latex } from "../../site/markup/latex.ts";
import { tablesOf } from "./study-tables.ts";
import type { Study } from "./trained.ts";

/** Small enough for a page; the others are for `rademark export`. */
const IN_PAGE = ["configurations", "runs"] as const;

/** One part that unfolds. */
export function savedTables(study: Study): VNode {
  const text = latex(latexTable(study));
  const files = tablesOf(study, IN_PAGE);
  return h(
    "details",
    { class: "behind" },
    h("summary", {}, "These numbers as LaTeX and as CSV"),
    h("textarea", {
      ...{ "aria-label": "LaTeX of the table of configurations", class: "copied" },
      ...{ readonly: true, rows: text.split("\n").length, wrap: "off", spellcheck: false },
      value: text,
    }),
    h(
      "p",
      { class: "save" },
      fileLink("LaTeX (.tex)", "table of configurations", "configurations.tex", TEX, text),
      ...files.flatMap(({ name, columns, rows }) => {
        const content = csvText(
          columns.map((column) => column.name),
          rows,
        );
        return [" ", fileLink(`${name}.csv`, "table", `${name}.csv`, CSV, content)];
      }),
    ),
    h(
      "p",
      {},
      "The columns, and those of heads, epochs, refits and redraws, are those of rademark export: docs/export.md.",
    ),
  );
}

const TEX = "application/x-tex;charset=utf-8";

const NUMBERS: readonly [title: string, of: (summary: Summary) => string][] = [
  ["test (%)", ({ testAccuracy }) => percentInterval(testAccuracy)],
  ["gap (points)", ({ gap }) => percentInterval(gap)],
  ["learned complexity (%)", ({ learnedComplexity }) => percentInterval(learnedComplexity)],
  ["its frozen trunk (%)", ({ frozenComplexity }) => percentInterval(frozenComplexity)],
  ["capacity (%)", ({ capacity }) => percentInterval(capacity)],
  ["its frozen trunk (%)", ({ frozenCapacity }) => percentInterval(frozenCapacity)],
  ["equivalent width", widthText],
];

/** Means with half the width of their 95 % intervals. */
function latexTable({ configurations }: Study): TextTable {
  return {
    titles: ["architecture", "regularizers", "seeds", ...NUMBERS.map(([title]) => title)],
    isNumeric: [false, false, true, ...NUMBERS.map(() => true)],
    cells: configurations.map(({ folder, runs, outcome }) => [
      ...[folder.configuration.arch, folder.configuration.regs, String(runs.length)],
      ...NUMBERS.map(([, of]) => (outcome === null ? "–" : of(outcome.summary))),
    ]),
  };
}
