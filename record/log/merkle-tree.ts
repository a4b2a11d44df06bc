/** @file The Merkle tree of an append-only log (RFC 6962 section 2.1), by the hashes of its complete subtrees. */

import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { equalBytes } from "../signature/equal-bytes.ts";

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
function splitPoint(n: number): number {
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

/** Ranges whose roots prove that leaf `index` is in the tree of `size` leaves, from the leaf up (2.1.1). */
export function inclusionRanges(
  index: number,
  size: number,
  { start, end }: LeafRange = { start: 0, end: size },
): LeafRange[] {
  if (!(index >= start && index < end)) throw new RangeError(`leaf ${index} of ${size}`);
  if (end - start === 1) return [];
  const middle = start + splitPoint(end - start);
  const [left, right] = [
    { start, end: middle },
    { start: middle, end },
  ];
  return index < middle
    ? [...inclusionRanges(index, size, left), right]
    : [...inclusionRanges(index, size, right), left];
}

/** Ranges whose roots prove that the tree of `older` leaves is a prefix of that of `newer` (2.1.2). */
export function consistencyRanges(older: number, newer: number): LeafRange[] {
  if (!(older >= 0 && older <= newer)) throw new RangeError(`${older} leaves of ${newer}`);
  return older === 0 ? [] : subproof(older, { start: 0, end: newer }, true);
}

/** @param known is this the older tree itself, whose root the verifier has? */
function subproof(older: number, range: LeafRange, known: boolean): LeafRange[] {
  const { start, end } = range;
  if (older === end) return known ? [] : [range];
  const middle = start + splitPoint(end - start);
  const [left, right] = [
    { start, end: middle },
    { start: middle, end },
  ];
  return older <= middle
    ? [...subproof(older, left, known), right]
    : [...subproof(older, right, false), left];
}

export function inclusionProof(index: number, size: number, hashes: NodeHashes): Uint8Array[] {
  return inclusionRanges(index, size).map((range) => rangeHash(range, hashes));
}

export function consistencyProof(older: number, newer: number, hashes: NodeHashes): Uint8Array[] {
  return consistencyRanges(older, newer).map((range) => rangeHash(range, hashes));
}

/** RFC 9162 section 2.1.3.2. */
export function verifyInclusion(
  { index, size, root }: { index: number; size: number; root: Uint8Array },
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      [at, last] = skipLevels(at, last);
    } else hash = nodeHash(hash, sibling);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equalBytes(hash, root);
}

interface Tree {
  size: number;
  root: Uint8Array;
}

/** RFC 9162 section 2.1.4.2. The empty tree is a prefix of every tree, and its proof is empty. */
export function verifyConsistency(older: Tree, newer: Tree, proof: readonly Uint8Array[]): boolean {
  if (!isCount(older.size) || !isCount(newer.size) || older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && equalBytes(older.root, newer.root);
  if (older.size === 0)
    return proof.length === 0 && equalBytes(older.root, sha256(new Uint8Array()));
  const [first, ...path] = isPowerOfTwo(older.size) ? [older.root, ...proof] : proof;
  if (first === undefined) return false;
  let [at, last] = [older.size - 1, newer.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [olderHash, newerHash] = [first, first];
  for (const sibling of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      olderHash = nodeHash(sibling, olderHash);
      newerHash = nodeHash(sibling, newerHash);
      [at, last] = skipLevels(at, last);
    } else newerHash = nodeHash(newerHash, sibling);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equalBytes(olderHash, older.root) && equalBytes(newerHash, newer.root);
}

/** Levels at which the node on the right edge has no sibling. */
function skipLevels(at: number, last: number): [number, number] {
  while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
  return [at, last];
}

const half = (value: number) => Math.floor(value / 2);
const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
const isPowerOfTwo = (value: number) => 2 ** Math.round(Math.log2(value)) === value;
