/** @file The board of measures: bars of how well each orders the gap, and a scatter for each. */

import type { MeasuresDocument } from "../../../record/answers/documents.ts";
import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import {
  LEAST_FOR_BAR,
  hasBar,
  measureBarsFigure,
  measureScattersFigure,
} from "../../charts/measure-scatters.ts";
import { tauOf } from "../../../record/statistics/kendall-tau.ts";
import { WORDS, explained } from "../../data/words.ts";
import { MEASURE_NUMBERS, MEASURE_NUMBER_NAMES } from "../../../record/measure-numbers.ts";
import { decimal, plural } from "../../charts/numbers.ts";

export function measures({ measures }: MeasuresDocument): VNode {
  const there = measures.filter(({ entries }) => entries > 0);
  const rows = ordered(there).map((each) => ({
    ...each,
    title: measureTitle(each),
    isShare: SHARES.has(each.name),
  }));
  const scatters = rows.filter(({ tau }) => tau !== null);
  return h(
    "div",
    { class: "measures" },
    h("p", { class: "lead" }, orderedSentence(rows)),
    withinArchitectures(measures),
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
    couplings(there),
  );
}

/** Does an order hold within one architecture, too? Where it does not, the measure may stand for the architecture alone. */
function withinArchitectures(measures: readonly Measure[]): VNode | null {
  const points = measures.find(({ name }) => name === "learnedComplexity")?.points ?? [];
  const found = [...Map.groupBy(points, ({ arch }) => arch)].flatMap(([arch, own]) => {
    const tau = tauOf(
      own.map(({ measure }) => measure),
      own.map(({ gap }) => gap),
    );
    return own.length < LEAST_FOR_BAR || tau === null ? [] : [{ arch, tau, count: own.length }];
  });
  const answer = h("a", { href: "#explains" }, "Does complexity explain the gap?");
  const said = found
    .toSorted((a, b) => b.count - a.count)
    .map(({ arch, tau, count }) => `${arch} ${decimal(tau)} (${plural(count, "configuration")})`);
  if (said.length === 0) return h("p", {}, answer);
  const text = `Within one architecture, tau of learned complexity and gap is: ${said.join(", ")}. What happens to the gap where complexity itself is pushed: `;
  return h("p", {}, text, answer);
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

/** The strongest order first, whichever way it goes; after these the ones without an interval, a bar, an order. */
export function ordered(measures: readonly Measure[]): Measure[] {
  const weight = (each: Measure) =>
    each.tau === null
      ? -4
      : Math.abs(each.tau) + (each.low === null ? 0 : 2) - (hasBar(each) ? 0 : 2);
  return measures.toSorted((a, b) => weight(b) - weight(a));
}

/** Names only measures whose interval stays clear of zero, and says what such an interval does not take into account. */
export function orderedSentence(rows: readonly Measure[]): string {
  const most = Math.max(0, ...rows.map(({ entries }) => entries));
  const architectures = Math.max(0, ...rows.map((row) => row.architectures));
  const over = `Over ${plural(most, "configuration")} of ${plural(architectures, "architecture")} on this board`;
  const looked = rows.filter(({ low }) => low !== null);
  if (looked.length === 0)
    return `${over} no measure has an interval yet: it takes eight architectures that have the measure and the gap, and both have to vary.`;
  const clear = looked.filter(({ low, high }) => low! > 0 || high! < 0);
  if (clear.length === 0)
    return `${over} no measure orders the generalization gap with a 95 % interval clear of zero.`;
  const rest = clear.slice(3).map(({ title, tau }) => `${title} (${decimal(tau)})`);
  const more = rest.length > 0 ? `; and for ${rest.join(", ")}` : "";
  return (
    `${over} the 95 % interval of tau is clear of zero for ${clear.slice(0, 3).map(named).join("; ")}${more}. These intervals are not corrected ` +
    `for the ${plural(looked.length, "measure")} looked at. A shared order does not show a cause.`
  );
}

function named({ title, tau, partialTau }: Measure): string {
  const way = tau! > 0 ? "the gap rises with it" : "the gap falls as it rises";
  const given =
    partialTau === null
      ? ""
      : `, ${decimal(partialTau)} given the last tap's width and the train loss`;
  return `${title} (${way}, tau ${decimal(tau)}${given})`;
}

type Measure = MeasuresDocument["measures"][number];

/** Made of losses and spectra, which no count shows. */
const DECLARED: ReadonlySet<Measure["name"]> = new Set([
  "bits",
  "effectiveRank",
  "participationRatio",
  "cumulativeLoss",
  "trainLoss",
  ...MEASURE_NUMBER_NAMES.filter((name) => MEASURE_NUMBERS[name].declared),
]);

/** `effective rank · declared`, `train loss · declared · coupled`. */
export function measureTitle({
  name,
  title,
  coupled,
}: Pick<Measure, "name" | "title" | "coupled">): string {
  const marks = [DECLARED.has(name) ? "declared" : "", coupled ? "coupled" : ""];
  return [title, ...marks.filter((mark) => mark !== "")].join(" · ");
}
