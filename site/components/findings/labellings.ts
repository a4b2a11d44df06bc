/** @file Q4: how far capacity spreads over labellings of one network, and over seeds. */

import type { VNode } from "preact";
import type { Findings } from "../../../record/replication/findings.ts";
import { decimal, percent } from "../../charts/numbers.ts";
import { forestFigure } from "../../charts/verdict-forest.ts";
import { h } from "../../markup/element.ts";
import { table } from "../../markup/table.ts";

type Components = NonNullable<Findings["labellings"][number]["components"]>;

export function labellings(rows: Findings["labellings"]): VNode {
  const known = rows.flatMap((each) =>
    each.components ? [{ ...each, components: each.components }] : [],
  );
  if (known.length === 0) return h("p", { class: "tally" }, "Not yet run.");
  return h(
    "div",
    {},
    forestFigure({
      title: "Standard deviation of capacity",
      caption:
        "Filled: over labellings of one trained network. Hollow: over seeds, beyond what their labellings give. Bars: bootstrap over seeds, 95 %.",
      label: "standard deviation (points)",
      ...{ margin: null, isShare: true, beside: "over seeds" },
      rows: known.map(({ network, components: { labelling, seed } }) => ({
        ...{ network, status: "holds" as const, seeds: [] },
        words: `${text(labelling)} over labellings, ${text(seed)} over seeds`,
        ...deviations(labelling),
        beside: { ...deviations(seed), count: 1 },
      })),
    }),
    table(
      "Components of variance of capacity",
      [
        { title: "network" },
        { title: "seeds x labellings", numeric: true },
        { title: "over labellings (points)", numeric: true },
        { title: "over seeds (points)", numeric: true },
        { title: "ratio of variances", numeric: true },
      ],
      rows.map(({ network, seeds, redraws, components }) =>
        components === null
          ? [network, `${seeds}`, "not yet run", "–", "–"]
          : [
              ...[network, `${seeds} x ${redraws}`],
              ...[text(components.labelling), text(components.seed)],
              ratioText(components.ratio),
            ],
      ),
    ),
  );
}

const root = (value: number) => Math.sqrt(Math.max(0, value));

function deviations({ value, low, high }: Components["seed"]) {
  return { mean: root(value ?? 0), low: root(low ?? 0), high: root(high ?? 0) };
}

function text(component: Components["seed"]): string {
  const { mean, low, high } = deviations(component);
  return `${percent(mean, 2)} [${percent(low, 2)}, ${percent(high, 2)}]`;
}

function ratioText({ value, low, high }: Components["ratio"]): string {
  const one = (each: number | null) => (each === null ? "unbounded" : decimal(each));
  return `${one(value)} [${one(low)}, ${one(high)}]`;
}
