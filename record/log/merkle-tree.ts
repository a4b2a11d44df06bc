/** @file The Merkle tree of an append-only log (RFC 6962 section 2.1), by the hashes of its complete subtrees. */

import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";

/** The root of 2^level leaves, the first of them at index * 2^level; none of its hashes ever changes again. */
export interface TreeNode {
  level: number;
  index: number;
}

/** Leaves from `start` up to, but without, `end`. */
export interface LeafRange {
  start: number;
  end: number;
}

/** Hashes by place; whoever asks for proofs of a stored log fetches `rangeNodes` beforehand. */
export type NodeHashes = (node: TreeNode) => Uint8Array;

/** SHA-256(0x00 || entry). */
export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(0), entry));
}

/** SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(1), left, right));
}

/** Largest power of two below n, n >= 2: where RFC 6962 splits n leaves. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** The complete subtrees that make up a range, from left to right; `start` as RFC 6962 splits. */
export function rangeNodes({ start, end }: LeafRange): TreeNode[] {
  const level = Math.round(Math.log2(end - start));
  if (end - start === 2 ** level) return [{ level, index: start / 2 ** level }];
  const middle = start + splitPoint(end - start);
  return [...rangeNodes({ start, end: middle }), ...rangeNodes({ start: middle, end })];
}

/** MTH of a range of at least one leaf. */
export function rangeHash(range: LeafRange, hashes: NodeHashes): Uint8Array {
  return rangeNodes(range)
    .map(hashes)
    .reduceRight((right, left) => nodeHash(left, right));
}

/** The tree's root; of no leaves, SHA-256 of nothing. */
export function treeRoot(size: number, hashes: NodeHashes): Uint8Array {
  return size === 0 ? sha256(new Uint8Array()) : rangeHash({ start: 0, end: size }, hashes);
}

/**
 * The subtrees that a new leaf completes, itself first: what is to be stored with it.
 *
 * @param index of the new leaf: the tree's size before.
 * @param hashes of `siblingNodes(index)`.
 */
export function completedNodes(
  index: number,
  leaf: Uint8Array,
  hashes: NodeHashes,
): (TreeNode & { hash: Uint8Array })[] {
  const nodes = [{ level: 0, index, hash: leaf }];
  for (const sibling of siblingNodes(index)) {
    const hash = nodeHash(hashes(sibling), nodes.at(-1)!.hash);
    nodes.push({ level: sibling.level + 1, index: sibling.index / 2, hash });
  }
  return nodes;
}

/** The left siblings that the leaf at `index` meets on its way up, as long as it completes their parents. */
export function siblingNodes(index: number): TreeNode[] {
  const siblings: TreeNode[] = [];
  for (let [level, at] = [0, index]; at % 2 === 1; level++, at = (at - 1) / 2)
    siblings.push({ level, index: at - 1 });
  return siblings;
}
