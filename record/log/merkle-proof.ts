/** @file What a log's holder shows, and how anybody checks it (RFC 6962 section 2.1; verification as in RFC 9162). */

import { sha256 } from "@noble/hashes/sha2.js";
import { equalBytes } from "../equal-bytes.ts";
import { nodeHash, rangeHash, splitPoint, type LeafRange, type NodeHashes } from "./merkle-tree.ts";

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
