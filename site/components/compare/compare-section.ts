/** @file Two to five entries side by side. */

import type { Comparison } from "../../../record/comparison.ts";
import { differenceText } from "../../../record/conditions.ts";
import type { ComparisonDocument } from "../../../record/documents/entry-document.ts";
import { html } from "../../charts/element.ts";
import { pairedDifferencesFigure } from "../../charts/paired-differences.ts";
import { letter, sentenceOf, testText } from "../../view/compare/comparison-words.ts";
import { differenceRows } from "../../view/compare/difference-rows.ts";
import { sideBySide } from "./side-by-side.ts";

export function compareSection(document: Document, comparison: ComparisonDocument): HTMLElement {
  const el = html.bind(null, document);
  const { rows, protocol } = comparison;
  return el(
    "article",
    { class: "compare", "data-newest": newest(rows) },
    el(
      "h1",
      {},
      `${rows.length} entries of `,
      el("span", { class: "whole" }, protocol.name),
      " side by side",
    ),
    letters(document, rows),
    unequal(document, comparison),
    said(document, comparison.comparisons),
    sideBySide(document, comparison),
    el(
      "section",
      { "aria-label": "Forest plot" },
      pairedDifferencesFigure(differenceRows(comparison), document),
    ),
  );
}

const newest = (rows: ComparisonDocument["rows"]) =>
  rows.map(({ receivedAt }) => receivedAt).reduce((a, b) => (a > b ? a : b));

/** What was found first; what could not be told apart is said, too. */
function said(document: Document, comparisons: readonly Comparison[]): HTMLElement {
  const el = html.bind(null, document);
  const isFound = ({ verdict }: Comparison) =>
    verdict === "a is higher" || verdict === "a is lower";
  const found = comparisons.filter(isFound);
  const others = comparisons.filter((each) => !isFound(each));
  return el(
    "section",
    { class: "said", "aria-labelledby": "said" },
    el("h2", { id: "said" }, "What the tests allow to be said"),
    found.length > 0
      ? byQuantity(document, found)
      : el("p", {}, "No difference among these is more than chance."),
    others.length > 0
      ? el(
          "details",
          { class: "more", open: found.length === 0 ? true : null },
          el("summary", {}, `What they do not allow (${others.length})`),
          byQuantity(document, others),
        )
      : null,
    el("p", { class: "faint small" }, testText(comparisons)),
  );
}

/** Which letter is which entry, before any sentence uses one. */
function letters(document: Document, rows: ComparisonDocument["rows"]): HTMLElement {
  const items = rows.map((row, i) =>
    html(
      document,
      "li",
      {},
      html(document, "strong", {}, letter(i)),
      " ",
      html(document, "a", { href: `/entries/?id=${row.entry}` }, `${row.arch} ${row.regs}`),
    ),
  );
  return html(document, "ul", { class: "letters" }, ...items);
}

/** What decides numbers and is not the same in all: before any conclusion. */
function unequal(document: Document, { differences }: ComparisonDocument): HTMLElement | null {
  if (differences.length === 0) return null;
  const el = html.bind(null, document);
  return el(
    "section",
    { class: "said", "aria-labelledby": "unequal" },
    el("h2", { id: "unequal" }, "What else differs between them"),
    el(
      "ul",
      {},
      ...differences.map((each) =>
        el(
          "li",
          {},
          `${differenceText(
            each,
            each.values.map((_, place) => letter(place)),
          )}.`,
        ),
      ),
    ),
    el("p", { class: "faint small" }, "As the signers declare it; nobody can check it."),
  );
}

/** Ten pairs have forty sentences: four lists are easier to read than one. */
function byQuantity(document: Document, some: readonly Comparison[]): HTMLElement {
  const lists = [...Map.groupBy(some, ({ quantity }) => quantity).values()].map((each) =>
    html(
      document,
      "ul",
      {},
      ...each.map((comparison) => html(document, "li", {}, sentenceOf(comparison))),
    ),
  );
  return html(document, "div", { class: "sentences" }, ...lists);
}
