/** @file What a board's rows can be sorted by, and what can be ranked. */

/** Numbers with a mean over seeds: rank intervals come from Welch's test on one of them. */
export const RANKED = [
  "learnedComplexity",
  "gap",
  "testAccuracy",
  "trainAccuracy",
  "bits",
  "effectiveRank",
  "capacity",
  "equivalentWidth",
] as const;
export type Ranked = (typeof RANKED)[number];

/** Rank 1 is the lowest or the highest; for learned complexity and the like that is an order, not a judgement. */
export const RANK_ORDER: Readonly<Record<Ranked, "ascending" | "descending">> = {
  learnedComplexity: "ascending",
  gap: "ascending",
  testAccuracy: "descending",
  trainAccuracy: "descending",
  bits: "ascending",
  effectiveRank: "ascending",
  capacity: "ascending",
  equivalentWidth: "ascending",
};

/** What a row shows beside them: the controls without which they cannot be read, and what it took. */
export const CONTROL_NUMBERS = [
  "frozenComplexity",
  "frozenCapacity",
  "countsNull",
  "spectrumNull",
  "leveragesNull",
  "selectivity",
  "seconds",
] as const;
export type ControlNumber = (typeof CONTROL_NUMBERS)[number];

export const SORTS = [...RANKED, "params", "seconds", "receivedAt"] as const;
export type Sort = (typeof SORTS)[number];

export function isRanked(sort: Sort): sort is Ranked {
  return (RANKED as readonly string[]).includes(sort);
}
