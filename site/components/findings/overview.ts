/** @file All verdicts at a glance: claims down, networks across; and the few numbers that say where they stand. */

import type { VNode } from "preact";
import { CLAIMS } from "../../../record/replication/claims.ts";
import type { Findings } from "../../../record/replication/findings.ts";
import { plural } from "../../charts/numbers.ts";
import { isEstimated, reproductionWords } from "../../charts/verdict-words.ts";
import { type Child, h } from "../../markup/element.ts";
import { notice } from "../../markup/notice.ts";

export function overview({ claims, networks, labellings }: Findings): VNode {
  const row = (id: string) => {
    const { verdicts } = claims.find((each) => each.id === id)!;
    return networks.map((network) => {
      if (id === "Q4") return isEstimated(labellings, network) ? "estimate" : "not yet run";
      return verdicts.find((each) => each.network === network)?.status ?? "–";
    });
  };
  return h(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-label": "All verdicts" },
    h(
      "table",
      { class: "verdicts" },
      h("caption", {}, "All verdicts. –: not testable here."),
      h(
        "thead",
        {},
        h("tr", {}, ...["claim", ...networks].map((title) => h("th", { scope: "col" }, title))),
      ),
      h(
        "tbody",
        {},
        ...CLAIMS.map(({ id, title }) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, h("a", { href: `#${id.toLowerCase()}` }, `${id} ${title}`)),
            ...row(id).map((words) =>
              h(
                "td",
                {},
                h(
                  "span",
                  { class: words === "–" ? null : `verdict ${words.replaceAll(" ", "-")}` },
                  words,
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** What has been run; while nothing or not everything has, plainly. */
export function standing({ runs, reproductions, families, plan, claims }: Findings): Child {
  const [tested, all] = (["tested", "contrasts"] as const).map((name) =>
    families.reduce((sum, each) => sum + each[name], 0),
  );
  const counts =
    `Version ${plan} of the plan. ${plural(runs.listed, "run")} in ${plural(runs.entries, "listed entry", "listed entries")} and ` +
    `${plural(runs.unlisted, "run")} that no log takes were read; ${tested} of ${all} contrasts could be tested. ` +
    reproductionWords(reproductions);
  const isWhole = claims.every(({ verdicts }) =>
    verdicts.every(({ status }) => status !== "not yet run"),
  );
  if (isWhole) return h("p", {}, counts);
  const title =
    runs.listed + runs.unlisted === 0
      ? "Nothing has been run yet."
      : "Not everything has been run yet.";
  return notice({ kind: "empty", title }, h("p", {}, `${counts} ${WAITING}`));
}

const WAITING =
  "Where it says “not yet run” there is no verdict, as runs are missing. Holm's procedure counts these contrasts all the " +
  "same: a verdict that stands does not profit from their absence.";
