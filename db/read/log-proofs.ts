/** @file What the log's holder shows: checkpoints and proofs. */

import { signCheckpoint } from "../../record/log/checkpoint.ts";
import {
  type LeafRange,
  consistencyProof,
  consistencyRanges,
  inclusionProof,
  inclusionRanges,
  rangeNodes,
  treeRoot,
} from "../../record/log/merkle-tree.ts";
import type { ConsistencyProof, InclusionProof } from "../../record/log/log-proof.ts";
import { encodeBase64 } from "../../record/signature/base64.ts";
import { type Leaf, type LogKeeper, readNodes } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { leafAt } from "./find-leaf.ts";

/** Signed over the tree of `size` leaves; null while there are not so many. */
export async function checkpointAt(
  db: Reader,
  keeper: LogKeeper,
  size: number,
): Promise<string | null> {
  if (size > 0) return (await leafAt(db, size - 1))?.checkpoint ?? null;
  const root = treeRoot(0, () => new Uint8Array());
  return signCheckpoint({ origin: keeper.origin, size: 0, root }, keeper.seed);
}

/** @param size of the tree, above the leaf's index. */
export async function proveInclusion(
  db: Reader,
  { kind, digest, index }: Pick<Leaf, "kind" | "digest" | "index">,
  { size, checkpoint }: { size: number; checkpoint: string },
): Promise<InclusionProof> {
  const nodes = await nodesOf(db, inclusionRanges(index, size));
  const hashes = inclusionProof(index, size, nodes).map(encodeBase64);
  return { entry: { kind, digest }, index, checkpoint, hashes };
}

/** @param older at most `size`. */
export async function proveConsistency(
  db: Reader,
  older: number,
  { size, checkpoint }: { size: number; checkpoint: string },
): Promise<ConsistencyProof> {
  const nodes = await nodesOf(db, consistencyRanges(older, size));
  return { older, checkpoint, hashes: consistencyProof(older, size, nodes).map(encodeBase64) };
}

function nodesOf(db: Reader, ranges: readonly LeafRange[]) {
  return readNodes(db, ranges.flatMap(rangeNodes));
}
