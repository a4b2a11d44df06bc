/** @file Does complexity explain the gap? From the reference runs: within networks, over all of them, and by interventions. */

import type { VNode } from "preact";
import type { Findings } from "../../../record/replication/findings.ts";
import type { Interval } from "../../../record/statistics/interval.ts";
import { complexityChangesFigure } from "../../charts/complexity-changes.ts";
import { decimal, decimalInterval, percentInterval, plural } from "../../charts/numbers.ts";
import { type Child, h } from "../../markup/element.ts";
import { table } from "../../markup/table.ts";

type Explanation = Findings["explanation"];

export function explanation({ within, overAll, interventions }: Explanation): VNode {
  const isEmpty = interventions.length === 0 && within.length === 0;
  return h(
    "section",
    { class: "explanation", "aria-labelledby": "explains" },
    h("h2", { id: "explains" }, "Does complexity explain the gap?"),
    h(
      "p",
      { class: "faint" },
      "From the reference runs alone, not from this board's entries, and without a test: ",
      h("a", { href: "/findings/" }, "what is tested"),
      ".",
    ),
    ...(isEmpty
      ? [
          h(
            "p",
            {},
            "Not yet run: no network has yet the reference runs, on all of its seeds, that answer this.",
          ),
        ]
      : [
          ...orders({ within, overAll }).map((text) => h("p", {}, text)),
          ...pushes(interventions),
          complexityChangesFigure(interventions),
          taus(within, overAll),
        ]),
  );
}

/** Over ways to train one network, and over all of them. */
function orders({ within, overAll }: Pick<Explanation, "within" | "overAll">): string[] {
  const learned = within.filter(({ complexity }) => complexity === "learnedComplexity");
  const all = overAll.find(({ complexity }) => complexity === "learnedComplexity");
  const each = learned.map(
    ({ network, tau, partial }) => `${network} ${mean(tau)} (${mean(partial)})`,
  );
  return [
    ...(each.length === 0
      ? []
      : [
          `Kendall's tau of learned complexity and gap, over ways to train one network (and given the train loss): ${each.join(", ")}.`,
        ]),
    ...(all?.tau
      ? [
          `Over ${plural(all.configurations, "configuration")} of ${plural(all.networks, "network")} together: ${mean(all.tau)} (given the last tap's width and the train loss: ${mean(all.partial)}).`,
        ]
      : []),
  ];
}

const mean = (interval: Interval | null) => decimal(interval?.mean ?? null);

/** Where something acts on complexity itself. */
function pushes(interventions: Explanation["interventions"]): Child[] {
  const pushed = interventions.filter(({ regs }) => regs === "rl=10");
  if (pushed.length === 0) return [];
  return [
    h(
      "p",
      {},
      "An order is no cause. Where something pushes learned complexity itself (rl=10 against none), the gap would have to follow if complexity explained it; in points:",
    ),
    h(
      "ul",
      {},
      ...pushed.map(({ network, changes: { learnedComplexity, gap, testAccuracy } }) =>
        h(
          "li",
          {},
          `${network}: learned complexity ${percentInterval(learnedComplexity)}, gap ${percentInterval(gap)}, test accuracy ${percentInterval(testAccuracy)}`,
        ),
      ),
    ),
  ];
}

const NAMES = { learnedComplexity: "learned complexity", capacity: "capacity" } as const;

function taus(within: Explanation["within"], overAll: Explanation["overAll"]): Child {
  const rows = [
    ...overAll.map((each) => ({
      ...each,
      network: plural(each.networks, "network"),
      given: "width and train loss",
    })),
    ...within.map((each) => ({ ...each, given: "train loss" })),
  ];
  return table(
    "Kendall's tau with the gap, over ways of training; mean over seeds",
    [
      { title: "over" },
      { title: "complexity" },
      { title: "configurations", numeric: true },
      { title: "tau", numeric: true },
      { title: "partial tau", numeric: true },
      { title: "given" },
    ],
    rows.map(({ network, complexity, configurations, tau, partial, given }) => [
      ...[network, NAMES[complexity], String(configurations)],
      ...[decimalInterval(tau), decimalInterval(partial), given],
    ]),
  );
}
