/** @file Measures in the order of how well they order the gap, and what may be said of it. */

import type { MeasuresDocument } from "../../../record/documents/measures-document.ts";
import { plural } from "../../lib/numbers.ts";

type Measure = MeasuresDocument["measures"][number];

/** The strongest order first, whichever way it goes; behind them those without an interval, and without an order. */
export function ordered(measures: readonly Measure[]): Measure[] {
  const weight = ({ tau, low }: Measure) =>
    tau === null ? -1 : Math.abs(tau) + (low === null ? 0 : 2);
  return measures.toSorted((a, b) => weight(b) - weight(a));
}

/** Names only measures whose interval stays clear of zero. */
export function orderedSentence(rows: readonly Measure[], entries: number): string {
  const over = `Over ${plural(entries, "entry", "entries")} of this board`;
  const clear = rows.filter(
    ({ low, high }) => low !== null && high !== null && (low > 0 || high < 0),
  );
  if (clear.length === 0)
    return `${over} no measure orders the generalization gap in a way that could not be chance.`;
  const named = clear.slice(0, 3).map(({ title, tau }) => {
    const way = tau! > 0 ? "the gap rises with it" : "the gap falls as it rises";
    return `${title} (${way}, tau ${tau!.toFixed(2).replace("-", "−")})`;
  });
  const more = clear.length > 3 ? `, and ${clear.length - 3} more` : "";
  return `${over} these order the generalization gap beyond chance: ${named.join("; ")}${more}. That is no cause.`;
}
