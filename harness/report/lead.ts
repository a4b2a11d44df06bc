/** @file What the reader sees and may not conclude, in plain words, before any chart. */

import { html, type Child } from "../../site/charts/element.ts";
import { percent } from "../../site/charts/percent.ts";
import { count, plural } from "./numbers.ts";
import type { Study } from "./study.ts";

export function lead(study: Study, document: Document): HTMLElement {
  const el = html.bind(null, document);
  const samples = study.configurations.find(({ runs }) => runs.length > 0)?.runs[0]?.trainSamples;
  const labels = samples === undefined ? "every label" : `all ${count(samples)} labels`;
  const p = (...children: Child[]) => el("p", {}, ...children);
  return el(
    "section",
    { class: "lead" },
    el("h2", {}, "What you see"),
    p(
      "Each network learned to classify images. Beside it, small heads tried to learn random labels from the " +
        "network's features, without any influence on it. How well they manage after training is the network's ",
      el("strong", {}, "random-label complexity"),
      `: 0 % is chance, 100 % means that ${labels} could be read off. The `,
      el("strong", {}, "generalization gap"),
      " is the accuracy on training images minus the accuracy on test images.",
    ),
    ranges(study, document),
    el("h2", {}, "What you may not conclude"),
    el("ul", {}, ...warnings(study).map((warning) => el("li", {}, warning))),
  );
}

/** The extremes of both axes, in words. */
function ranges({ configurations }: Study, document: Document): HTMLElement | null {
  const placed = configurations.flatMap(({ outcome }) => {
    const { complexity, gap } = outcome?.summary ?? { complexity: null, gap: null };
    if (!outcome || !complexity || !gap) return [];
    return [
      { name: `${outcome.arch} ${outcome.regs}`, complexity: complexity.mean, gap: gap.mean },
    ];
  });
  if (placed.length < 2) return null;
  const said = (["complexity", "gap"] as const).map((axis) => {
    const sorted = placed.toSorted((a, b) => a[axis] - b[axis]);
    const [low, high] = [sorted[0]!, sorted.at(-1)!];
    const unit = axis === "gap" ? "points" : "%";
    return `${axis} runs from ${percent(low[axis])} ${unit} (${low.name}) to ${percent(high[axis])} ${unit} (${high.name})`;
  });
  return html(document, "p", {}, `Here, ${said.join("; the ")}.`);
}

function warnings({ configurations, protocol }: Study): string[] {
  const seeds = Math.max(0, ...configurations.map(({ runs }) => runs.length));
  return [
    "Lower complexity is not better. Common regularizers lower it without improving generalization: this is a map, not a race.",
    "A smaller gap is not better either: a network that learns nothing has none. Look at its test accuracy.",
    "A complexity alone says little. Width and number of samples move it a lot, so read it beside the frozen random trunk and the null.",
    `Intervals are over ${plural(seeds, "seed")} on ${protocol.dataset} under ${protocol.name}. They say nothing about other data, ` +
      "longer training or other networks, and two that overlap do not prove two networks equal.",
  ];
}
