import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { expect, test } from "vitest";
import {
  entryBundle,
  parseTilePath,
  tileNodes,
  tilePath,
  tileWidth,
  type Tile,
} from "../../../record/log/tile.ts";
import { grow, numbers } from "./trees.ts";

test.each<[string, Tile]>([
  ["tile/0/x001/x234/067", { level: 0, index: 1_234_067, width: 256 }],
  ["tile/3/000", { level: 3, index: 0, width: 256 }],
  ["tile/0/999.p/255", { level: 0, index: 999, width: 255 }],
  ["tile/1/x001/000.p/1", { level: 1, index: 1000, width: 1 }],
  ["tile/entries/x273/000.p/112", { level: "entries", index: 273_000, width: 112 }],
])("%s", (path, tile) => {
  expect(tilePath(tile)).toBe(path);
  expect(parseTilePath(path)).toEqual(tile);
});

test.each([
  "tile/0/0",
  "tile/0/1000",
  "tile/0/001/000",
  "tile/0/x000/001",
  "tile/00/000",
  "tile/64/000",
  "tile/0/000.p/0",
  "tile/0/000.p/256",
  "tile/0/000.p/01",
  "tile/0/000/",
  "tile/data/000",
  "/tile/0/000",
  "tile/-1/000",
  "tile/0/x999/x999/x999/x999/x999/x999/999",
])("%s names no tile", (path) => {
  expect(parseTilePath(path)).toBeNull();
});

test("the tiles of 70,000 leaves, and of exactly 256", () => {
  const widths = (level: number, indices: number[], size = 70_000) =>
    indices.map((index) => tileWidth({ level, index }, size));
  expect(widths(0, [0, 272, 273, 274])).toEqual([256, 256, 112, 0]);
  expect(widths(1, [0, 1, 2])).toEqual([256, 17, 0]);
  expect(widths(2, [0, 1])).toEqual([1, 0]);
  expect(widths(3, [0])).toEqual([0]);
  expect([widths(0, [0], 256), widths(1, [0], 256)]).toEqual([[256], [1]]);
  expect(tileWidth({ level: "entries", index: 273 }, 70_000)).toBe(112);
});

const SIZE = 1000;
const tree = grow(numbers(SIZE));
const bytesOf = (level: number, index: number) => {
  const width = tileWidth({ level, index }, SIZE);
  return concatBytes(...tileNodes({ level, index, width }).map(tree));
};

/** By RFC 6962's recursive definition, in Python. */
test("tiles hold the hashes that another implementation computes", () => {
  expect(bytesToHex(sha256(bytesOf(0, 0)))).toBe(
    "b9704a8bfbee2c61185ceb38904a49f3f703c81e194b5b2ccdc254c2bdaaa62b",
  );
  expect(bytesToHex(sha256(bytesOf(1, 0)))).toBe(
    "2bcffebcff63f75d3844eaf07a17e05634b92cf94f63756d6b7add7e9a7882a8",
  );
});

test("an entry bundle has a length before each entry", () => {
  const long = new Uint8Array(300).fill(7);
  expect(entryBundle([Uint8Array.of(1, 2), new Uint8Array(), long])).toEqual(
    Uint8Array.of(0, 2, 1, 2, 0, 0, 1, 44, ...long),
  );
  expect(() => entryBundle([new Uint8Array(65_536)])).toThrow(RangeError);
});
