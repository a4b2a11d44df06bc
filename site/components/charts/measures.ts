/** @file The board of measures: bars of how well each orders the gap, and a scatter for each. */

import type { MeasuresDocument } from "../../../record/answers/documents.ts";
import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import { measureBarsFigure, measureScattersFigure } from "../../charts/measure-scatters.ts";
import { decimal, plural } from "../../charts/numbers.ts";

export function measures({ measures }: MeasuresDocument): VNode {
  const rows = ordered(measures).map((each) => ({ ...each, title: measureTitle(each) }));
  const scatters = rows.filter(({ tau }) => tau !== null);
  return h(
    "div",
    { class: "measures" },
    h("p", { class: "lead" }, orderedSentence(rows)),
    measureBarsFigure(rows),
    scatters.length === 0 ? null : h("h2", {}, "Each measure against the gap"),
    scatters.length === 0 ? null : measureScattersFigure(scatters),
  );
}

/** The strongest order first, whichever way it goes; after these the ones without an interval, then without an order. */
export function ordered(measures: readonly Measure[]): Measure[] {
  const weight = ({ tau, low }: Measure) =>
    tau === null ? -1 : Math.abs(tau) + (low === null ? 0 : 2);
  return measures.toSorted((a, b) => weight(b) - weight(a));
}

/** Names only measures whose interval stays clear of zero, and says what such an interval does not take into account. */
export function orderedSentence(rows: readonly Measure[]): string {
  const most = Math.max(0, ...rows.map(({ entries }) => entries));
  const over = `Over ${plural(most, "configuration")} of this board`;
  const looked = rows.filter(({ low }) => low !== null);
  if (looked.length === 0)
    return `${over} no measure has an interval yet: it takes five in which it varies, and the gap does.`;
  const clear = looked.filter(({ low, high }) => low! > 0 || high! < 0);
  if (clear.length === 0)
    return `${over} no measure orders the generalization gap with a 95 % interval clear of zero.`;
  const named = clear.slice(0, 3).map(({ title, tau }) => {
    const way = tau! > 0 ? "the gap rises with it" : "the gap falls as it rises";
    return `${title} (${way}, tau ${decimal(tau)})`;
  });
  const more = clear.length > 3 ? `, and ${clear.length - 3} more` : "";
  return (
    `${over} the 95 % interval of tau is clear of zero for ${named.join("; ")}${more}. These intervals are not corrected for the ` +
    `${plural(looked.length, "measure")} looked at, and configurations that share an architecture are not independent. ` +
    "An order is no cause."
  );
}

type Measure = MeasuresDocument["measures"][number];

/** Made of losses and spectra, which no count shows. */
const DECLARED: ReadonlySet<Measure["name"]> = new Set([
  "bits",
  "effectiveRank",
  "participationRatio",
  "cumulativeLoss",
  "trainLoss",
]);

/** `effective rank · declared`. */
export function measureTitle({ name, title }: Pick<Measure, "name" | "title">): string {
  return DECLARED.has(name) ? `${title} · declared` : title;
}
