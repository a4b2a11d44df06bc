/** @file Two to five entries side by side. */

import type { Comparison } from "../../../record/comparison.ts";
import type { ComparisonDocument } from "../../../record/documents/comparison-document.ts";
import { html } from "../../charts/element.ts";
import { pairedDifferencesFigure } from "../../charts/paired-differences.ts";
import { sentenceOf, testText } from "../../view/compare/comparison-words.ts";
import { differenceRows } from "../../view/compare/difference-rows.ts";
import { sideBySide } from "./side-by-side.ts";

export function compareSection(document: Document, comparison: ComparisonDocument): HTMLElement {
  const el = html.bind(null, document);
  const { rows, protocol } = comparison;
  return el(
    "article",
    { class: "compare", "data-newest": newest(rows) },
    el("h1", {}, `${rows.length} entries of ${protocol.name} side by side`),
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
  const list = (some: readonly Comparison[]) =>
    el("ul", {}, ...some.map((each) => el("li", {}, sentenceOf(each))));
  return el(
    "section",
    { class: "said", "aria-labelledby": "said" },
    el("h2", { id: "said" }, "What the tests allow to be said"),
    found.length > 0 ? list(found) : el("p", {}, "No difference among these is more than chance."),
    others.length > 0
      ? el(
          "details",
          { class: "more", open: found.length === 0 ? true : null },
          el("summary", {}, `What they do not allow (${others.length})`),
          list(others),
        )
      : null,
    el("p", { class: "faint small" }, testText(comparisons)),
  );
}
