/** @file The whole log as an auditor reads it: tiles and bundles against the checkpoint, each hash computed anew. */

import { bytesToHex } from "@noble/hashes/utils.js";
import { GrowingTree } from "../../db/dump/restore.ts";
import type { LogPage } from "../../record/answers/documents.ts";
import {
  type Checkpoint,
  type VerifierKey,
  openCheckpoint,
  parseVerifierKey,
} from "../../record/log/checkpoint.ts";
import { leafHash } from "../../record/log/merkle-tree.ts";
import type { LogEntry } from "../../record/log/log-proof.ts";
import { TILE_WIDTH, type Tile, tileNodes, tilePath, tileWidth } from "../../record/log/tile.ts";
import { readBytes, readJson, readText } from "./reads.ts";

export interface AuditedLog {
  key: VerifierKey;
  checkpoint: Checkpoint;
  entries: LogEntry[];
  /** Roots in hexadecimal: each is that of the tree with as many leaves as its index; the first has none. */
  roots: string[];
}

/** @param fault called with each thing that is not as it must be. */
export async function auditLog(url: string, fault: (what: string) => void): Promise<AuditedLog> {
  const key = parseVerifierKey((await readText(`${url}/v1/log/key`)).trim())!;
  const opened = await openCheckpoint(await readText(`${url}/v1/log/checkpoint`), key);
  if (!opened.ok) throw new Error(`the checkpoint does not hold: ${opened.reason}`);
  const { checkpoint } = opened;
  const leaves = await readBundles(url, checkpoint.size);
  const nodes = new Map<string, string>();
  const tree = new GrowingTree();
  const roots = [bytesToHex(tree.root())];
  for (const leaf of leaves) {
    for (const { level, index, hash } of tree.append(leafHash(leaf)))
      nodes.set(`${level}/${index}`, bytesToHex(hash));
    roots.push(bytesToHex(tree.root()));
  }
  if (roots.at(-1) !== bytesToHex(checkpoint.root)) fault("the bundles give another root");
  await checkTiles(url, checkpoint.size, nodes, fault);
  const entries = leaves.map((leaf) => JSON.parse(new TextDecoder().decode(leaf)) as LogEntry);
  const digests = new Set(entries.map(({ digest }) => digest));
  if (digests.size !== entries.length) fault(`${entries.length - digests.size} digests twice`);
  await checkPages(url, entries, fault);
  return { key, checkpoint, entries, roots };
}

function tilesOf(level: Tile["level"], size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let index = 0; ; index++) {
    const width = tileWidth({ level, index }, size);
    if (width === 0) return tiles;
    tiles.push({ level, index, width });
  }
}

async function readBundles(url: string, size: number): Promise<Uint8Array[]> {
  const leaves: Uint8Array[] = [];
  for (const tile of tilesOf("entries", size)) {
    const bytes = await readBytes(`${url}/v1/log/${tilePath(tile)}`);
    for (let at = 0; at < bytes.length;) {
      const length = 256 * bytes[at]! + bytes[at + 1]!;
      leaves.push(bytes.slice(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return leaves;
}

async function checkTiles(
  url: string,
  size: number,
  nodes: ReadonlyMap<string, string>,
  fault: (what: string) => void,
): Promise<void> {
  for (let level = 0; TILE_WIDTH ** level <= size; level++)
    for (const tile of tilesOf(level, size)) {
      const path = tilePath(tile);
      const shown = bytesToHex(await readBytes(`${url}/v1/log/${path}`));
      const own = tileNodes({ ...tile, level }).map((node) =>
        nodes.get(`${node.level}/${node.index}`),
      );
      if (shown !== own.join("")) fault(`${path} holds other hashes`);
    }
}

/** Checks the pages: newest first, without gaps, to the first leaf. */
async function checkPages(
  url: string,
  entries: readonly LogEntry[],
  fault: (what: string) => void,
): Promise<void> {
  let expected = entries.length - 1;
  for (let before: number | null = entries.length; before !== null;) {
    const page: LogPage = await readJson(`${url}/v1/log/entries?limit=200&before=${before}`);
    for (const { index, digest } of page.leaves) {
      if (index !== expected || digest !== entries[index]?.digest)
        fault(`leaf ${index} is listed where ${expected} belongs`);
      expected--;
    }
    before = page.next;
  }
  if (expected !== -1) fault(`the list of leaves ends before leaf ${expected}`);
}
