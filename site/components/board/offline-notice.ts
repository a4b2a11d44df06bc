/** @file What a page says while the server does not answer. */

import { html } from "../../charts/element.ts";

/** @param since what the page shows instead, such as `these pages were built`. */
export function offlineNotice(document: Document, detail: string): HTMLElement {
  const el = html.bind(null, document);
  return el(
    "div",
    { class: "notice offline", role: "status" },
    el("p", { class: "title" }, "The server does not answer."),
    el("p", {}, detail),
  );
}
