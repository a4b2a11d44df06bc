/** @file What a board without entries shows: that they are on their way, or how the first one gets there. */

import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import { notice } from "../../markup/notice.ts";
import type { BoardModel } from "../../data/board-model.ts";

export function emptyBoard({ protocol, logSize }: BoardModel): VNode {
  const { name } = protocol;
  if (logSize === null)
    return notice(
      { kind: "loading", title: `The entries of ${name} come from the server.` },
      h(
        "p",
        {},
        "This page was made before there were any, and asks for them now. Without a script, read them ",
        h("a", { href: `/v1/export/${name}.csv` }, "as CSV"),
        ".",
      ),
    );
  return notice(
    { kind: "empty", title: `Nobody has submitted a result to ${name} yet.` },
    h(
      "p",
      {},
      "Networks appear here as they are submitted, without reloading the page. ",
      h("a", { href: "/submit/" }, "How to submit the first one"),
    ),
  );
}
