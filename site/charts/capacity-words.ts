/** @file Equivalent width and selectivity in words, each no stronger than its bound or its test. */

import type { Summary } from "../../record/summary.ts";
import type { ToldRefit } from "../../record/told-refits.ts";
import { count, decimalInterval, pValue } from "./numbers.ts";

type Width = Pick<Summary, "equivalentWidth" | "equivalentWidthBound">;

/** `155 ± 4`, `at most 0`, `at least 2,498`; `unknown` for bounds of both kinds. */
export function widthText({ equivalentWidth, equivalentWidthBound }: Width): string {
  if (equivalentWidth === null) return "–";
  if (equivalentWidthBound === "unknown") return "unknown";
  const { mean } = equivalentWidth;
  const digits = mean < 100 ? 1 : 0;
  if (equivalentWidthBound === null) return decimalInterval(equivalentWidth, digits);
  const bound = digits === 1 && mean > 0 ? mean.toFixed(1) : count(mean);
  return `${equivalentWidthBound} ${bound}`;
}

/** Null without a width. @param headline n. @param samples m, or null where it is not at hand. */
export function widthSentence(
  width: Width,
  headline: number,
  samples: number | null,
): string | null {
  if (width.equivalentWidth === null) return null;
  const at =
    samples === null
      ? `n = ${count(headline)}`
      : `n = ${count(headline)} and m = ${count(samples)}`;
  const where = `Comparable at ${at} only.`;
  if (width.equivalentWidthBound === "unknown")
    return `Some of its runs lie below every shapeless cloud and some above, so its equivalent width is unknown. ${where}`;
  const bounded =
    width.equivalentWidthBound === null
      ? ""
      : " A bound, because a run lies outside what clouds of any width give.";
  return `At the last tap it separates labels like a shapeless cloud of width ${widthText(width)}.${bounded} ${where}`;
}

const SIGNIFICANT = 0.05;

/** @param isSuppressed does `rl=` act on the told labelling? Only then is anything claimed. */
export function selectivityMeaning(
  { selectivity, p }: Pick<ToldRefit, "selectivity" | "p">,
  isSuppressed: boolean,
): string {
  const what = `Refit of the told labelling minus the mean over redraws, ${pValue(p)}.`;
  if (!isSuppressed)
    return (
      `${what} Nothing acted on the told labels: a negative control, of which one in twenty has p below .05 by ` +
      "chance, and no result is rejected for it."
    );
  if (p >= SIGNIFICANT)
    return `${what} No difference from labels that rl= did not act on is shown.`;
  const way = selectivity.mean < 0 ? "fewer" : "more";
  return `${what} rl= acts on this labelling: refits get ${way} of its labels right than of others (one test for each entry and tap, not corrected for how many there are).`;
}
