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
export const SHOWN = ["complexity", "gap", "testAccuracy", "trainAccuracy"] as const;
export type Shown = Record<(typeof SHOWN)[number], number | null>;

export interface CheckRequest {
  id: string;
  shown: Shown;
  seen: SeenTree | null;
}

export interface CheckAnswer {
  ok: boolean;
  /** Why nothing could be checked; null when something was. */
  fault: string | null;
  checks: { name: string; ok: boolean; text: string }[];
  /** To be remembered when all is well. */
  tree: SeenTree | null;
}
