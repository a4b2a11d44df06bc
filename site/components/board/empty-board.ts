/** @file What a board without entries shows: that they are on their way, or how the first one gets there. */

import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import { notice } from "../../markup/notice.ts";
import { count, minute } from "../../charts/numbers.ts";
import type { BoardModel } from "../../data/board-model.ts";
import type { Training } from "../../data/training.ts";

export function emptyBoard({ protocol, logSize, training }: BoardModel): VNode {
  const { name } = protocol;
  if (logSize === null)
    return notice(
      { kind: "loading", title: `The entries of ${name} come from the server.` },
      h(
        "p",
        {},
        "This page was made without them. A script asks for them now; without one, read them ",
        h("a", { href: `/v1/export/${name}.csv` }, "as CSV"),
        ".",
      ),
    );
  const title =
    training.length === 0
      ? `Nobody has submitted a result to ${name} yet.`
      : `${count(training.length)} in training for ${name}, and none listed yet.`;
  return notice(
    { kind: "empty", title },
    training.length === 0 ? null : h("p", {}, inTraining(training)),
    h(
      "p",
      {},
      "Networks appear here as they are submitted, without reloading the page. ",
      h("a", { href: "/submit/" }, "How to submit one"),
    ),
    h(
      "noscript",
      {},
      h(
        "p",
        {},
        "Without a script this is how it was when the page was built; what came since is here ",
        h("a", { href: `/v1/export/${name}.csv` }, "as CSV"),
        ".",
      ),
    ),
  );
}

const MOST_NAMED = 5;

/** Their challenges are public from the moment they are issued. */
function inTraining(training: readonly Training[]): string {
  const named = training
    .slice(0, MOST_NAMED)
    .map(({ arch, regs, since }) => `${arch} ${regs} (since ${minute(since)})`);
  const more = training.length - named.length;
  return `${named.join(", ")}${more > 0 ? ` and ${count(more)} more` : ""}.`;
}
