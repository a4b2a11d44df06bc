/** @file The board of measures: bars of how well each orders the gap, and a scatter for each. */

import type { MeasuresDocument } from "../../../record/answers/documents.ts";
import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import { LEAST_FOR_BAR } from "../../charts/measure-order.ts";
import { measureBarsFigure, measureScattersFigure } from "../../charts/measure-scatters.ts";
import { WORDS, explained } from "../../data/words.ts";
import { MEASURE_NUMBERS, MEASURE_NUMBER_NAMES } from "../../../record/measure-numbers.ts";
import { type Measure, measureWords, titledMeasures } from "./measure-words.ts";

export function measures({ measures }: MeasuresDocument): VNode {
  const rows = titledMeasures(measures).map((each) => ({
    ...each,
    isShare: SHARES.has(each.name),
  }));
  const scatters = rows.filter(({ tau }) => tau !== null);
  return h(
    "div",
    { class: "measures" },
    ...measureWords({ measures }),
    measureBarsFigure(rows),
    h(
      "p",
      { class: "faint small" },
      explained("declared"),
      `: ${WORDS.declared} Coupled: see below.`,
    ),
    withoutBar(measures),
    scatters.length === 0 ? null : h("h2", {}, "Each measure against the gap"),
    scatters.length === 0 ? null : measureScattersFigure(scatters),
    couplings(measures.filter(({ entries }) => entries > 0)),
  );
}

/** Most results carry counts alone; some numbers are about what few configurations have, such as canaries. */
function withoutBar(measures: readonly Measure[]): VNode | null {
  const titles = (some: (each: Measure) => boolean) =>
    measures
      .filter(some)
      .map(({ title }) => title)
      .join(", ");
  const none = titles(({ entries }) => entries === 0);
  const few = titles(({ entries }) => entries > 0 && entries < LEAST_FOR_BAR);
  const same = titles(({ entries, tau }) => entries >= LEAST_FOR_BAR && tau === null);
  const lines = [
    few && `Of fewer than ${LEAST_FOR_BAR} configurations, so without a bar: ${few}.`,
    same && `The same for every configuration, so without an order: ${same}.`,
    none && `Of no configuration here: ${none}. Many come only with rademark run --measures.`,
  ].filter(Boolean);
  return lines.length === 0 ? null : h("p", { class: "faint small" }, lines.join(" "));
}

/** In percent on every page. */
const SHARES: ReadonlySet<Measure["name"]> = new Set([
  ...(["learnedComplexity", "onlineComplexity", "capacity"] as const),
  ...MEASURE_NUMBER_NAMES.filter((name) => !MEASURE_NUMBERS[name].declared), // counts of samples
]);

/** Which measures cannot but move with the gap, and the reason for each. */
function couplings(measures: readonly Measure[]): VNode {
  const items = (some: readonly Measure[]) =>
    some.map(({ title, couplingReason }) => h("li", {}, `${title}: ${inSentence(couplingReason)}`));
  const coupled = measures.filter((each) => each.coupled);
  const others = measures.filter((each) => !each.coupled);
  return h(
    "section",
    { "aria-labelledby": "couplings" },
    h("h2", { id: "couplings" }, "Which measures are coupled to the gap by construction?"),
    h(
      "p",
      {},
      "The gap is train minus test accuracy. A measure made of train accuracy or train loss shares one of its two terms, " +
        "so agreement between the two says less.",
    ),
    h("ul", {}, ...items(coupled)),
    h(
      "details",
      { class: "more" },
      h("summary", {}, `Not coupled (${others.length})`),
      h("ul", {}, ...items(others)),
    ),
  );
}

const inSentence = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
