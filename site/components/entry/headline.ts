/** @file The headline numbers of an entry with the controls without which they cannot be read. */

import { type Child, html } from "../../charts/element.ts";
import { PLUS_MINUS_HELP } from "../../charts/plus-minus.ts";
import { table } from "../../charts/table.ts";
import {
  CONTROL_LINES,
  type HeadlineLine,
  NETWORK_LINES,
  SUPPRESSED_LINE,
} from "../../view/entry/headline-lines.ts";
import { intervalCell } from "../../view/interval-cell.ts";
import type { EntryModel } from "../../view/entry/entry-model.ts";

export function headline(document: Document, model: EntryModel): HTMLElement {
  const el = html.bind(null, document);
  const isSuppressed = SUPPRESSED_LINE.of(model) !== null;
  const controls = [...CONTROL_LINES, ...(isSuppressed ? [SUPPRESSED_LINE] : [])];
  return el(
    "section",
    { "aria-labelledby": "headline" },
    el("h2", { id: "headline" }, "Numbers and controls"),
    divergence(document, model),
    el(
      "div",
      { class: "two" },
      block(document, "The network", NETWORK_LINES, model),
      block(document, "The controls beside it", controls, model),
    ),
  );
}

function divergence(document: Document, { entry }: EntryModel): Child {
  const { divergence } = entry.summary;
  if (divergence === null) return null;
  const text = `Of its runs ${divergence}. A mean over the others would mislead, so there is none.`;
  return html(document, "p", { class: "notice" }, text);
}

const COLUMNS = [
  { title: "Quantity" },
  { title: "Mean ± 95 %", numeric: true, help: PLUS_MINUS_HELP },
] as const;

function block(
  document: Document,
  caption: string,
  lines: readonly HeadlineLine[],
  model: EntryModel,
): HTMLElement {
  const rows = lines.map((line) => [
    { content: heading(document, line) },
    { content: number(document, line, model) },
  ]);
  return table(document, caption, COLUMNS, rows);
}

/** The meaning below the name: a telephone has no room for a third column. */
function heading(document: Document, { title, meaning }: HeadlineLine): HTMLElement {
  const explained = html(document, "span", { class: "meaning" }, meaning);
  return html(document, "span", {}, title, explained);
}

function number(document: Document, line: HeadlineLine, model: EntryModel): HTMLElement {
  const { title, unit, checked } = line;
  const estimate = line.of(model);
  const name = title.replace(/ ·.*$/, "");
  const { text, help } = intervalCell(estimate, name, unit, model.entry.summary.divergence);
  const sign = estimate === null || unit === "" || unit === "bits" ? "" : ` ${unit}`;
  const attributes = {
    title: help,
    "data-number": checked ?? null,
    "data-mean": checked ? (estimate?.mean ?? null) : null,
  };
  return html(document, "span", attributes, `${text}${sign}`);
}
