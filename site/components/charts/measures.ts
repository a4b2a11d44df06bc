/** @file The board of measures: bars of how well each orders the gap, and a scatter for each. */

import type { MeasuresDocument } from "../../../record/answers/documents.ts";
import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import { measureBarsFigure, measureScattersFigure } from "../../charts/measure-scatters.ts";
import { MEASURE_NUMBERS, MEASURE_NUMBER_NAMES } from "../../../record/measure-numbers.ts";
import { decimal, plural } from "../../charts/numbers.ts";

export function measures({ measures }: MeasuresDocument): VNode {
  const there = measures.filter(({ entries }) => entries > 0);
  const rows = ordered(there).map((each) => ({ ...each, title: measureTitle(each) }));
  const scatters = rows.filter(({ tau }) => tau !== null);
  return h(
    "div",
    { class: "measures" },
    h("p", { class: "lead" }, orderedSentence(rows)),
    measureBarsFigure(rows),
    notMeasured(measures),
    couplings(there),
    scatters.length === 0 ? null : h("h2", {}, "Each measure against the gap"),
    scatters.length === 0 ? null : measureScattersFigure(scatters),
  );
}

/** Most results carry counts alone; some numbers are about what few configurations have, such as canaries. */
function notMeasured(measures: readonly Measure[]): VNode | null {
  const titles = measures.filter(({ entries }) => entries === 0).map(({ title }) => title);
  if (titles.length === 0) return null;
  const text = `Of no configuration here: ${titles.join(", ")}. Many come only with rademark run --measures.`;
  return h("p", { class: "faint small" }, text);
}

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

/** The strongest order first, whichever way it goes; after these the ones without an interval, then without an order. */
export function ordered(measures: readonly Measure[]): Measure[] {
  const weight = ({ tau, low }: Measure) =>
    tau === null ? -1 : Math.abs(tau) + (low === null ? 0 : 2);
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
  const more = clear.length > 3 ? `, and ${clear.length - 3} more` : "";
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
