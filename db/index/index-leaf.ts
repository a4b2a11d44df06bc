/** @file The index tables, one leaf at a time: the same rows whether a leaf is new or read again from a dump. */

import type { Leaf } from "../append-leaf.ts";
import type { Transaction } from "../db.ts";
import { indexChallenge } from "./index-challenge.ts";
import { indexKey } from "./index-key.ts";
import { indexModeration } from "./index-moderation.ts";
import { indexOutcome } from "./index-outcome.ts";
import { indexReproduction } from "./index-reproduction.ts";
import { indexResult } from "./index-result.ts";
import { indexRetraction } from "./index-retraction.ts";

const INDEXERS: Record<Leaf["kind"], (tx: Transaction, leaf: Leaf) => Promise<void>> = {
  key: indexKey,
  challenge: indexChallenge,
  outcome: indexOutcome,
  result: indexResult,
  reproduction: indexReproduction,
  retraction: indexRetraction,
  moderation: indexModeration,
};

/**
 * Writes what the leaf adds to the index, and which configurations the board has to refresh (`board_changes`).
 *
 * It depends on the leaves before it and on nothing else, no clock and no chance; the leaf itself stands in
 * `leaves` already.
 */
export async function indexLeaf(tx: Transaction, leaf: Leaf): Promise<void> {
  await INDEXERS[leaf.kind](tx, leaf);
}
