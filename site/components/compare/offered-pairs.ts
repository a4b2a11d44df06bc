/** @file What a page of comparisons offers whoever has chosen none: each regularizer beside none, a click each. */

import type { VNode } from "preact";
import { count } from "../../charts/numbers.ts";
import type { ComparePairs } from "../../data/compare-pairs.ts";
import { compareAddress } from "../../data/entry-address.ts";
import { h } from "../../markup/element.ts";

/** A board, or the reference of one. */
export interface OfferedGroup {
  title: string;
  pairs: readonly ComparePairs[];
}

/** Null where there is nothing to offer. */
export function offeredPairs(groups: readonly OfferedGroup[]): VNode | null {
  const shown = groups.filter(({ pairs }) => pairs.length > 0);
  if (shown.length === 0) return null;
  return h(
    "section",
    { class: "offered", "aria-labelledby": "offered" },
    h("h2", { id: "offered" }, "Or begin with a network and the same without a regularizer"),
    ...shown.flatMap(({ title, pairs }) => [h("h3", {}, title), ...pairs.map(pairList)]),
  );
}

function pairList({ arch, none, others, left }: ComparePairs): VNode {
  return h(
    "div",
    {},
    h("p", {}, h("strong", {}, arch), " none and:"),
    h(
      "ul",
      { class: "links" },
      ...others.map(({ regs, entry }) =>
        h(
          "li",
          {},
          h(
            "a",
            { href: compareAddress([none, entry]), "aria-label": `${arch} none and ${regs}` },
            regs,
          ),
        ),
      ),
      left === 0 ? null : h("li", { class: "faint" }, `and ${count(left)} more on the board`),
    ),
  );
}
