/** @file The tree in tiles of up to 256 hashes, each a file that never changes (C2SP tlog-tiles). */

import { concatBytes } from "@noble/hashes/utils.js";
import type { TreeNode } from "./merkle-tree.ts";

const HEIGHT = 8;
export const TILE_WIDTH = 2 ** HEIGHT;

export interface Tile {
  /** Level of tiles, from 0; or the log's entries themselves. */
  level: number | "entries";
  index: number;
  /** Hashes or entries in it, 1 to 256; below 256 the tile is partial. */
  width: number;
}

/** How many hashes the tile at a place has in a tree of `size` leaves; 0: there is no such tile. */
export function tileWidth({ level, index }: Omit<Tile, "width">, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** (level === "entries" ? 0 : level));
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/** `tile/<L>/<N>[.p/<W>]`, N in groups of three digits, such as `tile/0/x001/x234/067.p/12`. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g)!;
  const number = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${number}${width < TILE_WIDTH ? `.p/${width}` : ""}`;
}

const PATH = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/;

/** Null for everything that `tilePath` does not write. */
export function parseTilePath(path: string): Tile | null {
  const [, level, number, width] = PATH.exec(path) ?? [];
  if (level === undefined || number === undefined) return null;
  const tile: Tile = {
    level: level === "entries" ? level : Number(level),
    index: Number(number.replaceAll(/[x/]/g, "")),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  const isTile = tile.width > 0 && (tile.level === "entries" || tile.level < 64);
  return isTile && Number.isSafeInteger(tile.index) && tilePath(tile) === path ? tile : null;
}

/** Whose hashes a tile holds, in its order. */
export function tileNodes({ level, index, width }: Tile & { level: number }): TreeNode[] {
  return Array.from({ length: width }, (_, i) => ({
    level: level * HEIGHT,
    index: index * TILE_WIDTH + i,
  }));
}

/** An entry bundle: each entry after its length in two bytes, big-endian. */
export function entryBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...entries.flatMap((entry) => {
      if (entry.length > 0xffff) throw new RangeError(`an entry of ${entry.length} bytes`);
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}
