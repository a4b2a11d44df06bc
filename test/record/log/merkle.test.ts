import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type NodeHashes,
  consistencyProof,
  consistencyRanges,
  inclusionProof,
  leafHash,
  nodeHash,
  rangeHash,
  rangeNodes,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from "../../../record/log/merkle-tree.ts";
import { grow, numbers } from "./trees.ts";

/** The eight leaves that Certificate Transparency's implementations are tested with, and their trees' roots. */
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
  .concat("606162636465666768696a6b6c6d6e6f")
  .map(hexToBytes);
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const eight = grow(LEAVES);
const begins = (proof: Uint8Array[]) => proof.map((hash) => bytesToHex(hash).slice(0, 16));

test.each([...ROOTS.entries()])("the root of %i leaves", (size, root) => {
  expect(bytesToHex(treeRoot(size, eight))).toBe(root);
});

test.each([
  [5, 7, ["bc1a0643b12e4d2d", "b08693ec2e721597", "d37ee418976dd957"]],
  [0, 8, ["96a296d224f285c6", "5f083f0a1a33ca07", "6b47aaf29ee3c2af"]],
  [0, 1, []],
])("the proof that leaf %i is in %i", (index, size, proof) => {
  expect(begins(inclusionProof(index, size, eight))).toEqual(proof);
});

test.each([
  [6, 8, ["0ebc5d3437fbe2db", "ca854ea128ed050b", "d37ee418976dd957"]],
  [3, 7, ["0298d122906dcfc1", "07506a85fd9dd2f1", "fac54203e7cc696c", "837dbb152e9b0790"]],
  [4, 8, ["6b47aaf29ee3c2af"]],
  [8, 8, []],
  [0, 8, []],
])("the proof that %i leaves are the first of %i", (older, newer, proof) => {
  expect(begins(consistencyProof(older, newer, eight))).toEqual(proof);
});

/** By RFC 6962's recursive definition, in 20 lines of Python with hashlib. */
test("a thousand leaves have the root and the proofs that another implementation gives them", () => {
  const hashes = grow(numbers(1000));
  const every37th = Array.from({ length: 28 }, (_, i) => 37 * i);
  const digest = (proofs: Uint8Array[][]) => bytesToHex(sha256(concatBytes(...proofs.flat())));
  expect(bytesToHex(treeRoot(1000, hashes))).toBe(
    "638afa98022925bacfddadb15ef22fd0199c1ac99c2973b6158243d13fce05c2",
  );
  expect(digest(every37th.map((i) => inclusionProof(i, 1000, hashes)))).toBe(
    "405f7d7583acc2f6956e1198ec8ff35077d681398bbefe43f481e54794bbb693",
  );
  expect(digest(every37th.map((i) => consistencyProof(i + 1, 1000, hashes)).slice(0, 27))).toBe(
    "bc326c51297f7ead8cb8e11ee06a64ff2b4e35a24825c00da97c1c110a9865dd",
  );
});

const LARGEST = 70;
const entries = numbers(LARGEST);
const tree = grow(entries);
const at = (size: number) => ({ size, root: treeRoot(size, tree) });

test("every leaf is proved in every tree, and nowhere else", () => {
  for (let size = 1; size <= LARGEST; size++)
    for (let index = 0; index < size; index++) {
      const proof = inclusionProof(index, size, tree);
      const leaf = leafHash(entries[index]!);
      expect(verifyInclusion({ index, ...at(size) }, leaf, proof)).toBe(true);
      const other = { index: (index + 1) % size, ...at(size) };
      if (size > 1) expect(verifyInclusion(other, leaf, proof)).toBe(false);
      expect(
        verifyInclusion({ index, ...at(size) }, leafHash(entries[index]!.slice(1)), proof),
      ).toBe(false);
    }
});

test("every tree is proved to begin with every smaller one", () => {
  for (let newer = 0; newer <= LARGEST; newer++)
    for (let older = 0; older <= newer; older++) {
      const proof = consistencyProof(older, newer, tree);
      expect(verifyConsistency(at(older), at(newer), proof)).toBe(true);
      if (older === 0 || older === newer) continue;
      const forged = { size: older, root: sha256(at(older).root) };
      expect(verifyConsistency(forged, at(newer), proof)).toBe(false);
      expect(verifyConsistency(at(older), { ...at(newer), root: forged.root }, proof)).toBe(false);
      expect(verifyConsistency(at(newer), at(older), proof)).toBe(false);
    }
});

/** One hash changed, dropped or added. */
function tampered(proof: Uint8Array[], seed: number): Uint8Array[] {
  const i = seed % Math.max(1, proof.length);
  if (seed % 3 === 0 && proof.length > 0) return proof.toSpliced(i, 1);
  if (seed % 3 === 1 && proof.length > 0) return proof.with(i, sha256(proof[i]!));
  return proof.toSpliced(i, 0, new Uint8Array(32));
}

test("a proof that was touched proves nothing", () => {
  const anyTree = fc.integer({ min: 1, max: LARGEST });
  fc.assert(
    fc.property(anyTree, fc.nat(), fc.nat(), (size, where, seed) => {
      const index = where % size;
      const proof = tampered(inclusionProof(index, size, tree), seed);
      const leaf = leafHash(entries[index]!);
      expect(verifyInclusion({ index, ...at(size) }, leaf, proof)).toBe(false);
      const growth = tampered(consistencyProof(index + 1, size, tree), seed);
      expect(verifyConsistency(at(index + 1), at(size), growth)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test("a true proof in a smaller tree is none in a larger one of that root", () => {
  const leaf = leafHash(entries[0]!);
  const { root } = at(4);
  expect(verifyInclusion({ index: 0, size: 8, root }, leaf, inclusionProof(0, 4, tree))).toBe(
    false,
  );
});

test("places outside the tree are refused", () => {
  const leaf = leafHash(entries[0]!);
  const proof = inclusionProof(0, 4, tree);
  for (const index of [-1, 4, 0.5, NaN])
    expect(verifyInclusion({ index, ...at(4) }, leaf, proof)).toBe(false);
  expect(() => inclusionProof(4, 4, tree)).toThrow(RangeError);
  expect(() => consistencyProof(5, 4, tree)).toThrow(RangeError);
  const empty = { size: 0, root: sha256(leaf) };
  expect(verifyConsistency(empty, at(4), [])).toBe(false);
});

test("sizes far beyond 2^32 split as RFC 6962 says", () => {
  const size = 2 ** 52 + 3;
  expect(rangeNodes({ start: 0, end: size })).toEqual([
    { level: 52, index: 0 },
    { level: 1, index: 2 ** 51 },
    { level: 0, index: 2 ** 52 + 2 },
  ]);
  expect(consistencyRanges(2 ** 52, size)).toEqual([{ start: 2 ** 52, end: size }]);
  const equalLeaves: Uint8Array[] = [new Uint8Array(32)]; // the root of 2^level of them
  for (let level = 0; level < 53; level++)
    equalLeaves.push(nodeHash(equalLeaves[level]!, equalLeaves[level]!));
  const hashes: NodeHashes = ({ level }) => equalLeaves[level]!;
  const root = rangeHash({ start: 0, end: size }, hashes);
  const proof = inclusionProof(2 ** 52 + 2, size, hashes);
  expect(verifyInclusion({ index: 2 ** 52 + 2, size, root }, equalLeaves[0]!, proof)).toBe(true);
  for (const older of [2 ** 52, 2 ** 52 + 1]) {
    const tree = { size: older, root: rangeHash({ start: 0, end: older }, hashes) };
    const growth = consistencyProof(older, size, hashes);
    expect(verifyConsistency(tree, { size, root }, growth)).toBe(true);
  }
});
