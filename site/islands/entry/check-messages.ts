/** @file What page and worker say to each other. */

/** A log's tree, as it is kept between visits. */
export interface SeenTree {
  /** The log's verifier key, one line. */
  log: string;
  size: number;
  /** Base64. */
  root: string;
}

/** Means that the page is held to. */
export const SHOWN = [
  "learnedComplexity",
  "capacity",
  "equivalentWidth",
  "selectivity",
  "gap",
  "testAccuracy",
  "trainAccuracy",
] as const;
export type Shown = Record<(typeof SHOWN)[number], number | null>;

export interface CheckRequest {
  /** What stands before `/v1/`: nothing, or where the reference is kept. */
  home: string;
  id: string;
  shown: Shown;
  seen: SeenTree | null;
}

export interface CheckAnswer {
  /** Unchecked: a question got no answer, which says nothing about the entry. */
  outcome: "passed" | "failed" | "unchecked";
  /** Why it was not checked, or why it failed before the first check; null else. */
  fault: string | null;
  checks: { name: string; ok: boolean; text: string }[];
  /** To be remembered when all is well. */
  tree: SeenTree | null;
}
