/** @file What stands where an entry should be: nothing there, or nobody answers. */

import { html } from "../../charts/element.ts";
import { NO_SERVER } from "../../components/board/server-notice.ts";
import type { Failure } from "../../lib/answer.ts";

export function missingEntry(document: Document, id: string, missing: Failure): HTMLElement {
  const el = html.bind(null, document);
  const [kind, title, text] = wordsOf(missing, id);
  return el(
    "div",
    {},
    el("h1", {}, "Entry"),
    el(
      "div",
      { class: `notice ${kind}`, role: "status" },
      el("p", { class: "title" }, title),
      el("p", {}, text, " ", el("a", { href: "/" }, "To the boards")),
    ),
  );
}

function wordsOf(missing: Failure, id: string): [kind: string, title: string, text: string] {
  if (missing.reason === "offline")
    return ["offline", "The server does not answer.", "Reload this page in a moment."];
  if (missing.reason === "unserved")
    return ["offline", NO_SERVER, "It has the entries that were there when it was built."];
  if (missing.reason === "refused") return ["error", missing.problem.title, missing.problem.detail];
  const text = id === "" ? "The address names no entry." : `No entry is called ${id.slice(0, 80)}.`;
  return ["empty", "There is no such entry here.", text];
}
