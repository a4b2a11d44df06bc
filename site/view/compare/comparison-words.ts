/** @file What a paired test allows to be said of two entries, never more. */

import type { Comparison, Quantity } from "../../../record/comparison.ts";
import { percent } from "../../charts/percent.ts";

export const QUANTITY_TITLES: Readonly<Record<Quantity, string>> = {
  complexity: "complexity",
  gap: "generalization gap",
  testAccuracy: "test accuracy",
  trainAccuracy: "train accuracy",
};

/** `A`, `B`, ... for the entries in the order asked for. */
export function letter(place: number): string {
  return String.fromCharCode(65 + place);
}

/** One sentence. */
export function sentenceOf(comparison: Comparison): string {
  const { quantity, a, b, difference, verdict, seeds } = comparison;
  const [first, second] = [letter(a), letter(b)];
  const title = QUANTITY_TITLES[quantity];
  if (difference === null || verdict === "too few shared seeds")
    return `The ${title} of ${first} and ${second} cannot be compared: they share ${seeds.length} seeds, and it takes 5.`;
  if (verdict === "not distinguishable") return `${indistinct(comparison)}.`;
  const way = verdict === "a is higher" ? "higher" : "lower";
  const size = percent(Math.abs(difference.mean));
  return `The ${title} of ${first} is ${size} points ${way} than that of ${second} (${pText(comparison)}).`;
}

function indistinct(comparison: Comparison): string {
  const { quantity, a, b, smallestVisible } = comparison;
  const said = `The ${QUANTITY_TITLES[quantity]} of ${letter(a)} and ${letter(b)} is not distinguishable (${pText(comparison)})`;
  return smallestVisible === null
    ? said
    : `${said}; a difference below ${percent(smallestVisible)} points could not have been shown by these seeds`;
}

/** `p = .012`, with the exact test's beside it where there are pairs enough. */
export function pText({ p, signFlipP }: Comparison): string {
  return signFlipP === null ? pValue(p) : `${pValue(p)}; exact sign-flip ${pValue(signFlipP)}`;
}

/** What the p-values are of. */
export function testText(comparisons: readonly Comparison[]): string {
  const seeds = comparisons.map((each) => each.seeds.length);
  const [fewest, most] = [Math.min(...seeds), Math.max(...seeds)];
  const over = fewest === most ? `${most}` : `${fewest} to ${most}`;
  const pairs = new Set(comparisons.map(({ a, b }) => `${a} ${b}`)).size;
  const corrected = pairs === 1 ? "" : `, Holm-corrected over the ${pairs} pairs shown`;
  return `p: paired t-test over the ${over} seeds that both have run${corrected}.`;
}

function pValue(p: number | null): string {
  if (p === null) return "no p";
  if (p < 0.001) return "p < .001";
  return `p = ${p.toFixed(3).replace(/^0/, "")}`;
}
