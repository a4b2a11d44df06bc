/** @file What the forest plot draws. */

import type { Quantity } from "../../../record/comparison.ts";
import type { ComparisonDocument } from "../../../record/documents/entry-document.ts";
import type { DifferencesRow } from "../../charts/paired-differences.ts";
import { QUANTITY_TITLES, letter } from "./comparison-words.ts";

export function differenceRows({ comparisons }: ComparisonDocument): DifferencesRow[] {
  const quantities = Object.keys(QUANTITY_TITLES) as Quantity[];
  return quantities.map((quantity) => ({
    title: QUANTITY_TITLES[quantity],
    pairs: comparisons
      .filter((each) => each.quantity === quantity)
      .map(({ a, b, difference, verdict }) => ({
        label: `${letter(a)} − ${letter(b)}`,
        difference,
        significant: verdict === "a is higher" || verdict === "a is lower",
        verdict: verdict.replace(/^a is/, `${letter(a)} is`),
      })),
  }));
}
