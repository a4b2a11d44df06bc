/** @file Fetches the comparison that the address asks for. */

import type { VNode } from "preact";
import type { ComparisonDocument } from "../../record/answers/documents.ts";
import { MOST_COMPARED } from "../../record/most-compared.ts";
import { NO_SERVER } from "../components/board/server-notice.ts";
import { type Answer, type Failure, pageApi } from "../data/api.ts";
import { h } from "../markup/element.ts";
import { notice } from "../markup/notice.ts";
import { showTips } from "./tips.ts";
import { show } from "./show.ts";

const DIGEST = /^[0-9a-f]{64}$/;

async function run(page: HTMLElement): Promise<void> {
  const asked = (new URLSearchParams(location.search).get("entries") ?? "").split(",");
  const entries = [...new Set(asked.filter((id) => DIGEST.test(id)))].slice(0, MOST_COMPARED);
  if (entries.length < 2) return; // the page already says what to do
  page.querySelector(".notice .title")!.textContent = "Comparing…";
  const drawing = import("../components/compare/compare-section.ts"); // on its way while the numbers are
  const answer = await comparison(entries);
  if (!answer.ok) return show(failed(answer), page);
  const { compareSection } = await drawing;
  show(compareSection(answer.value), page);
  showTips(page);
}

/** By the server; where there is none, by this page. */
async function comparison(entries: readonly string[]): Promise<Answer<ComparisonDocument>> {
  const answer = await pageApi.comparison(entries);
  if (answer.ok || answer.reason !== "unserved") return answer;
  const { comparedHere } = await import("./compare/compared-here.ts");
  return comparedHere(entries);
}

const WORDS = {
  absent: ["empty", "One of these entries is not here.", "Its address may be mistyped."],
  offline: ["offline", "The server does not answer.", "Reload this page in a moment."],
  unserved: [
    "offline",
    NO_SERVER,
    "It has the entries that were there when it was built, if it was built from a dump.",
  ],
} as const;

function failed(answer: Failure): VNode {
  const [kind, title, text] =
    answer.reason === "refused"
      ? (["error", answer.problem.title, answer.problem.detail] as const)
      : WORDS[answer.reason];
  return h(
    "div",
    {},
    h("h1", {}, "Compare entries"),
    notice(
      { kind, title, announced: true },
      h("p", {}, text, " ", h("a", { href: "/boards/micro-1/" }, "To the boards")),
    ),
  );
}

const page = document.querySelector<HTMLElement>("[data-compare-page]");
if (page !== null) void run(page);
