/** @file What a board of measures says before it is drawn: which of them order the gap, on the whole and within an architecture. */

import type { VNode } from "preact";
import type { MeasuresDocument } from "../../../record/answers/documents.ts";
import { MEASURE_NUMBERS, MEASURE_NUMBER_NAMES } from "../../../record/measure-numbers.ts";
import { tauOf } from "../../../record/statistics/kendall-tau.ts";
import { LEAST_FOR_BAR, hasBar } from "../../charts/measure-order.ts";
import { decimal, plural } from "../../charts/numbers.ts";
import { h } from "../../markup/element.ts";

export type Measure = MeasuresDocument["measures"][number];

/** The strongest order first, with the titles that pages use; those of no entry are left out. */
export function titledMeasures(measures: readonly Measure[]): Measure[] {
  const there = measures.filter(({ entries }) => entries > 0);
  return ordered(there).map((each) => ({ ...each, title: measureTitle(each) }));
}

/** The page's first words; a page of newer entries shows them before the chart library is there. */
export function measureWords({ measures }: Pick<MeasuresDocument, "measures">): VNode[] {
  const titled = titledMeasures(measures);
  const lead = h("p", { class: "lead" }, orderedSentence(titled));
  const reading = titled.some(hasBar) ? [h("p", { class: "faint small" }, READING)] : [];
  return [lead, withinArchitectures(measures), ...reading];
}

const READING =
  "Kendall's tau over the board's configurations, each counted once: at 1 the measure puts them in the order of their gap, at −1 in the " +
  "opposite order, and at 0 the two have nothing to do with each other. The thin rule is the 95 % interval, which resamples whole " +
  "architectures; with fewer than eight there is none. An interval that reaches across zero may be chance. With so many measures " +
  "looked at, one or two may stay clear of zero by chance as well: nothing is corrected for their number. The diamond is what is left of " +
  "the order when the last tap's width and the train loss are held fixed (partial tau, without an interval). A shared order shows no cause.";

/** Does an order hold within one architecture, too? Where it does not, the measure may stand for the architecture alone. */
function withinArchitectures(measures: readonly Measure[]): VNode {
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
