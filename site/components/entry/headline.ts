/** @file The headline numbers of an entry with the controls without which they cannot be read. */

import type { Estimate } from "../../../record/summary-schema.ts";
import { html } from "../../charts/element.ts";
import { table } from "../../charts/table.ts";
import { intervalCell, type Unit } from "../../view/interval-cell.ts";
import type { EntryModel } from "../../view/entry/entry-model.ts";

type Line = readonly [
  title: string,
  estimate: Estimate,
  unit: Unit,
  meaning: string,
  /** The name under which the check in the browser reads it. */
  name?: string,
];

export function headline(document: Document, { entry }: EntryModel): HTMLElement {
  const { summary } = entry;
  const suppressed: Line[] =
    summary.regularizedComplexity === null
      ? []
      : [
          [
            "Of the suppressed draw",
            summary.regularizedComplexity,
            "%",
            "The random labels that rl= acts on; no part of the complexity.",
          ],
        ];
  return html(
    document,
    "section",
    { "aria-labelledby": "headline" },
    html(document, "h2", { id: "headline" }, "Numbers and controls"),
    summary.divergence === null
      ? null
      : html(
          document,
          "p",
          { class: "notice" },
          `Of its runs ${summary.divergence}. A mean over the others would mislead, so there is none.`,
        ),
    html(
      document,
      "div",
      { class: "two" },
      block(
        document,
        "The network",
        [
          [
            "Complexity",
            summary.complexity,
            "%",
            "Random labels its heads know: 0 is chance, 100 all of them.",
            "complexity",
          ],
          ["Generalization gap", summary.gap, "points", "Train minus test accuracy.", "gap"],
          [
            "Test accuracy",
            summary.testAccuracy,
            "%",
            "Of the official test images.",
            "testAccuracy",
          ],
          [
            "Train accuracy",
            summary.trainAccuracy,
            "%",
            "At the end, without augmentation.",
            "trainAccuracy",
          ],
          ["Memorised bits per sample", summary.bits, "bits", "From the heads' loss. Declared."],
          [
            "Effective rank",
            summary.controls?.effectiveRank ?? null,
            "",
            "Of the last tap's features. Declared.",
          ],
        ],
        summary.divergence,
      ),
      block(
        document,
        "The controls beside it",
        [
          [
            "Refit",
            summary.refitComplexity,
            "%",
            "Ridge regression on the final features instead of trained heads.",
          ],
          [
            "Frozen random trunk",
            summary.frozenComplexity,
            "%",
            "The same refit before any training: width alone.",
          ],
          [
            "Null",
            summary.nullComplexity,
            "%",
            "What a generic cloud of this width and size would give.",
          ],
          [
            "Complexity minus frozen trunk",
            summary.complexityMinusFrozen,
            "points",
            "What training added or took away.",
          ],
          ["Complexity minus null", summary.complexityMinusNull, "points", ""],
          ...suppressed,
        ],
        summary.divergence,
      ),
    ),
  );
}

function block(
  document: Document,
  caption: string,
  lines: readonly Line[],
  missing: string | null,
): HTMLElement {
  const rows = lines.map(([title, estimate, unit, meaning, name]) => {
    const { text, help } = intervalCell(estimate, title, unit, missing);
    const sign = estimate === null || unit === "" || unit === "bits" ? "" : ` ${unit}`;
    const number = html(
      document,
      "span",
      {
        title: help,
        "data-number": name ?? null,
        "data-mean": name ? (estimate?.mean ?? null) : null,
      },
      `${text}${sign}`,
    );
    const heading = html(
      document,
      "span",
      {},
      title,
      meaning === "" ? null : explained(document, meaning),
    );
    return [{ content: heading }, { content: number }];
  });
  const columns = [{ title: "Quantity" }, { title: "Mean ± 95 %", numeric: true as const }];
  return table(document, caption, columns, rows);
}

/** Below the name: a telephone has no room for a third column. */
function explained(document: Document, meaning: string): HTMLElement {
  return html(document, "span", { class: "meaning" }, meaning);
}
