/** @file What the toy's worker tells the page. */

import type { ToyEpoch } from "../../data/toy/toy-training.ts";

export type ToyMessage =
  | { kind: "epoch"; epoch: ToyEpoch }
  /** Every epoch was told. */
  | { kind: "end" }
  /** The images could not be fetched. */
  | { kind: "unfetched" };
