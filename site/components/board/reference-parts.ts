/** @file What a board's page has of the reference: the switch that hides it, rows below the table's own, a badge in each. */

import type { VNode } from "preact";
import type { BoardRow } from "../../../record/board/board-row.ts";
import type { Standing } from "../../../record/board/standing.ts";
import { plural } from "../../charts/numbers.ts";
import type { BoardModel } from "../../data/board-model.ts";
import { type BoardView, REFERENCE_ROWS, isReferenceAsBuilt } from "../../data/board-view.ts";
import { referenceRowsAddress } from "../../data/entry-address.ts";
import type { DrawnReference } from "../../data/reference-layer.ts";
import { firstOfReference, shownReference } from "../../data/shown-rows.ts";
import {
  REFERENCE_TRUST,
  REFERENCE_WORDS,
  standingSentence,
  stateWord,
} from "../../data/state-words.ts";
import { type Child, h } from "../../markup/element.ts";

/** Rows below the board's own: of the entries that the reference has here those that are shown, or as the build drew them. */
export type ReferenceGroup =
  | {
      /** Entries that the reference has here, and those of them that the filters let through. */
      count: number;
      passing: number;
      rows: readonly BoardRow[];
      /** Leads to all that pass, or back to the first of them; null where there is no more to show. */
      step: VNode | null;
    }
  | { rows: null; markup: string };

interface Beside {
  model: Pick<BoardModel, "protocol">;
  view: BoardView;
  /** Null where there is none. */
  reference: DrawnReference | null;
}

/** It works without a script, by style sheet; so it is never disabled. */
export function referenceSwitch({ reference, view }: Beside): VNode | null {
  if (reference === null) return null;
  const box = h("input", {
    ...{ type: "checkbox", name: "reference", checked: view.reference !== "hidden" },
    ...{ autocomplete: "off", "data-focus": "reference" },
  });
  const label = `Show the reference, ${plural(reference.count, "outlined entry", "outlined entries")} of another log`;
  return h(
    "div",
    { class: "reference-switch" },
    h("label", {}, box, label),
    h(
      "p",
      { class: "faint small" },
      `${REFERENCE_WORDS} `,
      h("a", { href: REFERENCE_TRUST }, "What it is"),
    ),
  );
}

/** Null where it is hidden. Until its rows are known, what the build drew, while that is what is asked for. */
export function referenceGroup({ model, view, reference }: Beside): ReferenceGroup | null {
  if (reference === null || view.reference === "hidden") return null;
  const { count: all, rows: known, markup } = reference;
  if (known === null)
    return { rows: null, markup: (isReferenceAsBuilt(view) ? markup : null) ?? "" };
  const passing = shownReference(known, view);
  const rows = view.reference === "all" ? passing : firstOfReference(passing, view);
  const isMore = passing.length > (view.reference === "all" ? REFERENCE_ROWS : rows.length);
  const step = isMore ? referenceStep(rows, passing, model) : null;
  return { count: all, passing: passing.length, rows, step };
}

/** Without a script it leads to a page with all of them. */
function referenceStep(
  rows: readonly BoardRow[],
  passing: readonly BoardRow[],
  { protocol }: Beside["model"],
): VNode {
  const attributes = { "data-action": "reference", "data-focus": "reference-rows" };
  return rows.length < passing.length
    ? h(
        "a",
        { ...attributes, href: referenceRowsAddress(protocol.name) },
        `Show all ${passing.length}`,
      )
    : h(
        "button",
        { ...attributes, type: "button", class: "link" },
        `Show the first ${REFERENCE_ROWS}`,
      );
}

/** In place of the state that an entry of the reference has in its own log; beside it that state, where more than challenged. */
export function referenceBadge(standing: Standing): Child[] {
  const word = stateWord(standing);
  const title = `Of the reference. In its own log: ${word}.`;
  const badge = h("a", { class: "state", href: REFERENCE_TRUST, title }, "reference");
  if (standing.state === "challenged") return [badge];
  const said = `${standingSentence(standing)} In the reference's own log, all of whose keys one party held.`;
  return [badge, " ", h("span", { class: "tag", title: said }, word)];
}
