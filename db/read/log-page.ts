/** @file The newest leaves, with the reasons that their signers gave in public. */

import { type SQL, and, asc, desc, eq, gte, lt, sql } from "drizzle-orm";
import { concatBytes } from "@noble/hashes/utils.js";
import type {
  ChallengeDocument,
  LogPage,
  StatementDocument,
} from "../../record/answers/documents.ts";
import {
  type ConsistencyProof,
  type InclusionProof,
  type LogEntry,
  type Receipt,
  logEntryBytes,
} from "../../record/log/log-proof.ts";
import { type Leaf, type LogKeeper, logSize, readNodes, receiptOf } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import {
  challenges,
  entries,
  leaves,
  logNodes,
  moderations,
  reproductions,
  retractions,
} from "../schema.ts";
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
import { encodeBase64 } from "../../record/signature/base64.ts";
import { TILE_WIDTH, type Tile, entryBundle, tileWidth } from "../../record/log/tile.ts";
import { canonicalDigest } from "../../record/canonical-json.ts";
import { challengeIn, envelopeIn, outcomeIn, statementOf } from "../project/leaf-body.ts";
import { isWithheld } from "./withheld.ts";
import { findChallenge } from "./challenge-document.ts";

interface LogRequest {
  /** Null for all kinds. */
  kinds: readonly LogEntry["kind"][] | null;
  /** Id of an entry, for its own leaf and those about it; null for the whole log. */
  entry: string | null;
  /** Index of a leaf: only leaves before it. */
  before: number;
  limit: number;
}

export async function logPage(db: Reader, request: LogRequest): Promise<LogPage> {
  const { limit } = request;
  const { kind, digest, index, at } = leaves;
  const subject = sql<string | null>`coalesce(${moderations.subject}, ${retractions.statement})`;
  const entry = sql<
    string | null
  >`coalesce(${entries.id}, ${reproductions.entry}, ${retractions.entry}, ${moderations.entry})`;
  const rows = await db
    .select({
      ...{ kind, digest, index, at, subject, entry },
      action: moderations.action,
      reason: sql<string | null>`coalesce(${moderations.reason}, ${retractions.reason})`,
    })
    .from(leaves)
    .leftJoin(moderations, eq(moderations.id, digest))
    .leftJoin(retractions, eq(retractions.id, digest))
    .leftJoin(entries, eq(entries.id, digest))
    .leftJoin(reproductions, eq(reproductions.id, digest))
    .where(asked({ ...request, limit: limit + 1 }))
    .orderBy(desc(index))
    .limit(limit + 1); // tells whether another page follows
  const shown = rows.slice(0, limit);
  return {
    size: await logSize(db),
    leaves: shown.map(({ at, ...leaf }) => ({ ...leaf, at: at.toISOString() })),
    next: rows.length > limit ? shown.at(-1)!.index : null,
  };
}

function asked(request: LogRequest): SQL {
  const { index } = leaves;
  const { kinds, entry, before } = request;
  if (entry === null && kinds === null) return lt(index, before);
  const parts = entry === null ? newest(kinds!, request) : about(entry, request);
  return parts.length === 0 ? sql`false` : sql`${index} in (${sql.join(parts, sql` union all `)})`;
}

type Part = Pick<LogRequest, "before" | "limit">;

/** Indices of the newest leaves of each kind, read along the index, however far apart they are in the log. */
function newest(kinds: readonly LogEntry["kind"][], { before, limit }: Part): SQL[] {
  const { kind, index } = leaves;
  return kinds.map((each) => {
    const where = and(eq(kind, each), lt(index, before));
    return sql`(select ${index} from ${leaves} where ${where} order by ${index} desc limit ${limit})`;
  });
}

/** The entry's own leaf, and the newest of each kind that are about it. */
function about(entry: string, { kinds, before, limit }: LogRequest): SQL[] {
  const parts = {
    result: { table: entries, is: eq(entries.id, entry) },
    reproduction: { table: reproductions, is: eq(reproductions.entry, entry) },
    retraction: { table: retractions, is: eq(retractions.entry, entry) },
    moderation: { table: moderations, is: eq(moderations.entry, entry) },
  };
  return (Object.keys(parts) as (keyof typeof parts)[])
    .filter((kind) => kinds === null || kinds.includes(kind))
    .map((kind) => {
      const { table, is } = parts[kind];
      const where = and(is, lt(table.leaf, before));
      return sql`(select ${table.leaf} from ${table} where ${where} order by ${table.leaf} desc limit ${limit})`;
    });
}

export async function leafOf(db: Reader, digest: string): Promise<Leaf | null> {
  const [found] = await db.select().from(leaves).where(eq(leaves.digest, digest));
  return found ?? null;
}

async function leafAt(db: Reader, index: number): Promise<Leaf | null> {
  const [found] = await db.select().from(leaves).where(eq(leaves.index, index));
  return found ?? null;
}

/** The leaf of any accepted statement; that of a commitment is the challenge that answered it. */
async function findStatementLeaf(db: Reader, id: string): Promise<Leaf | null> {
  const [challenge] = await db
    .select({ leaf: challenges.leaf })
    .from(challenges)
    .where(eq(challenges.id, id));
  return challenge ? leafAt(db, challenge.leaf) : leafOf(db, id);
}

export async function findReceipt(db: Reader, id: string): Promise<Receipt | null> {
  const leaf = await findStatementLeaf(db, id);
  return leaf && receiptOf(id, leaf);
}

/** The checkpoint over the first `size` leaves; null while there are fewer. */
export async function checkpointAt(
  db: Reader,
  keeper: LogKeeper,
  size: number,
): Promise<string | null> {
  if (size > 0) return (await leafAt(db, size - 1))?.checkpoint ?? null;
  const root = treeRoot(0, () => new Uint8Array());
  return signCheckpoint({ origin: keeper.origin, size: 0, root }, keeper.seed);
}

/** @param size of the tree, larger than the leaf's index. */
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

/** Nodes are stored at every level; tiles hold every eighth level. */
const HEIGHT = 8;

/** Null while the tree is too small to contain it. */
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

type LeafReference = Pick<Leaf, "kind" | "digest" | "index">;

type Stored = Pick<StatementDocument, "envelope" | "challenge"> & {
  leaf: Leaf;
  /** Leaf of the challenge that a measurement names; null for other statements. */
  challengeLeaf: LeafReference | null;
};

/** @param id that of a statement (commitments included), or the digest of a leaf. */
export async function findStatement(db: Reader, id: string): Promise<Stored | "withheld" | null> {
  const leaf = await findStatementLeaf(db, id);
  if (leaf === null) return null;
  if (await isWithheld(db, leaf)) return "withheld";
  const named = challengeNamedBy(leaf);
  const challenge = named === null ? null : await findChallenge(db, named);
  const isServers = leaf.kind === "challenge" || leaf.kind === "outcome";
  const envelope = isServers ? challenge!.envelope : envelopeIn(leaf);
  return { leaf, challenge, envelope, challengeLeaf: isServers ? null : placeOf(challenge) };
}

function placeOf(document: ChallengeDocument | null): LeafReference | null {
  if (document === null) return null;
  const { challenge, receipt } = document;
  return { kind: "challenge", digest: canonicalDigest(challenge), index: receipt.index };
}

function challengeNamedBy(leaf: Leaf): string | null {
  if (leaf.kind === "challenge") return challengeIn(leaf).challenge.id;
  if (leaf.kind === "outcome") return outcomeIn(leaf).challenge;
  if (leaf.kind !== "result" && leaf.kind !== "reproduction") return null;
  return statementOf(leaf.kind, envelopeIn(leaf)).challenge;
}
