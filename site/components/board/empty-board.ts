/** @file What a board without entries shows: that they are on their way, or how the first one gets there. */

import { html } from "../../charts/element.ts";
import type { BoardModel } from "../../data/board-model.ts";

export function emptyBoard(document: Document, { protocol, logSize }: BoardModel): HTMLElement {
  const el = html.bind(null, document);
  const { name } = protocol;
  if (logSize === null)
    return el(
      "div",
      { class: "notice loading" },
      el("p", { class: "title" }, `The entries of ${name} come from the server.`),
      el(
        "p",
        {},
        "This page was made before there were any, and asks for them now. Without a script, read them ",
        el("a", { href: `/v1/export/${name}.csv` }, "as CSV"),
        ".",
      ),
    );
  return el(
    "div",
    { class: "notice empty" },
    el("p", { class: "title" }, `Nobody has submitted a result to ${name} yet.`),
    el(
      "p",
      {},
      "Networks appear here as they are submitted, without reloading the page. ",
      el("a", { href: "/submit/" }, "How to submit the first one"),
    ),
  );
}
