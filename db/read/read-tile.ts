/** @file The tree's tiles and entry bundles, from the nodes that are stored (C2SP tlog-tiles). */

import { concatBytes } from "@noble/hashes/utils.js";
import { and, asc, eq, gte, lt } from "drizzle-orm";
import { logEntryBytes } from "../../record/log/log-proof.ts";
import { TILE_WIDTH, type Tile, entryBundle, tileWidth } from "../../record/log/tile.ts";
import { logSize } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { leaves, logNodes } from "../schema.ts";

/** Nodes are kept at every level, tiles hold every eighth. */
const HEIGHT = 8;

/** Null while the tree is too small to have it. */
export async function readTile(db: Reader, tile: Tile): Promise<Uint8Array | null> {
  if (tileWidth(tile, await logSize(db)) < tile.width) return null;
  const start = tile.index * TILE_WIDTH;
  const end = start + tile.width;
  return tile.level === "entries"
    ? readBundle(db, start, end)
    : readHashes(db, tile.level * HEIGHT, start, end);
}

async function readBundle(db: Reader, start: number, end: number): Promise<Uint8Array> {
  const entries = await db
    .select({ kind: leaves.kind, digest: leaves.digest })
    .from(leaves)
    .where(and(gte(leaves.index, start), lt(leaves.index, end)))
    .orderBy(asc(leaves.index));
  return entryBundle(entries.map(logEntryBytes));
}

async function readHashes(
  db: Reader,
  level: number,
  start: number,
  end: number,
): Promise<Uint8Array> {
  const nodes = await db
    .select({ hash: logNodes.hash })
    .from(logNodes)
    .where(and(eq(logNodes.level, level), gte(logNodes.index, start), lt(logNodes.index, end)))
    .orderBy(asc(logNodes.index));
  return concatBytes(...nodes.map(({ hash }) => hash));
}
