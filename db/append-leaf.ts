/** @file The log's only sequencer: leaves follow each other without gaps, each with a checkpoint signed over it. */

import { and, asc, desc, eq, gte, or, sql } from "drizzle-orm";
import {
  formatVerifierKey,
  openCheckpoint,
  signCheckpoint,
  verifierKey,
} from "../record/log/checkpoint.ts";
import { type LogEntry, type Receipt, logEntryHash } from "../record/log/log-proof.ts";
import {
  type NodeHashes,
  type TreeNode,
  completedNodes,
  rangeNodes,
  siblingNodes,
  treeRoot,
} from "../record/log/merkle-tree.ts";
import { OperatorError, type Reader, type Transaction } from "./db.ts";
import { leaves, logNodes } from "./schema.ts";
import { publicKeyOf } from "../record/signature/ed25519.ts";

/** Who keeps the log: its origin, and the 32-byte seed of the Ed25519 key that signs checkpoints. */
export interface LogKeeper {
  origin: string;
  seed: Uint8Array;
}

export interface Leaf {
  index: number;
  kind: LogEntry["kind"];
  digest: string;
  body: Uint8Array;
  checkpoint: string;
  at: Date;
}

/** "rademark" in ASCII, as the number of an advisory lock. */
const SEQUENCER = sql`x'726164656d61726b'::bigint`;

/** Until the end of the transaction nobody else can append; call it before any query. */
export async function lockLog(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${SEQUENCER})`);
}

export async function logSize(db: Reader): Promise<number> {
  const [last] = await db
    .select({ index: leaves.index })
    .from(leaves)
    .orderBy(desc(leaves.index))
    .limit(1);
  return last ? last.index + 1 : 0;
}

/** Appends under `lockLog`. @throws when the digest is in the log already. */
export async function appendLeaf(
  tx: Transaction,
  keeper: LogKeeper,
  { kind, digest, body, at }: Pick<Leaf, "kind" | "digest" | "body" | "at">,
): Promise<Leaf> {
  const index = await logSize(tx);
  const hash = logEntryHash({ kind, digest });
  const size = index + 1;
  const known = await readNodes(tx, [
    ...siblingNodes(index),
    ...(index === 0 ? [] : rangeNodes({ start: 0, end: index })),
  ]);
  const completed = completedNodes(index, hash, known);
  for (const node of completed) known.add(node);
  const root = treeRoot(size, known);
  const checkpoint = await signCheckpoint({ origin: keeper.origin, size, root }, keeper.seed);
  const leaf = { index, kind, digest, body, checkpoint, at };
  await tx.insert(leaves).values(leaf);
  await tx.insert(logNodes).values(completed);
  return leaf;
}

export function receiptOf(id: string, { index, checkpoint }: Leaf): Receipt {
  return { id, index, checkpoint };
}

const placeOf = ({ level, index }: TreeNode) => `${level}/${index}`;

/** Reads subtree hashes by level and index, for roots and proofs. */
export async function readNodes(
  db: Reader,
  nodes: readonly TreeNode[],
): Promise<NodeHashes & { add(node: TreeNode & { hash: Uint8Array }): void }> {
  const hashes = new Map<string, Uint8Array>();
  const add = (node: TreeNode & { hash: Uint8Array }) => void hashes.set(placeOf(node), node.hash);
  if (nodes.length > 0) {
    const places = nodes.map(({ level, index }) =>
      and(eq(logNodes.level, level), eq(logNodes.index, index)),
    );
    for (const node of await db
      .select()
      .from(logNodes)
      .where(or(...places)))
      add(node);
  }
  const find = (node: TreeNode) => {
    const hash = hashes.get(placeOf(node));
    if (hash === undefined) throw new Error(`no hash at level ${node.level}, index ${node.index}`);
    return hash;
  };
  return Object.assign(find, { add });
}

/** Leaves in one query; each has some 20 kB. */
const BATCH = 200;

/** The whole log in its order, a few leaves at a time. */
export async function* allLeaves(db: Reader): AsyncGenerator<Leaf> {
  for (let next = 0; ;) {
    const batch = await db
      .select()
      .from(leaves)
      .where(gte(leaves.index, next))
      .orderBy(asc(leaves.index))
      .limit(BATCH);
    yield* batch;
    if (batch.length < BATCH) return;
    next = batch.at(-1)!.index + 1;
  }
}

/** The key that the keeper's checkpoints are verified with, as text: `ORIGIN+KEYID+KEY`. */
export async function verifierKeyOf({ origin, seed }: LogKeeper): Promise<string> {
  return formatVerifierKey(verifierKey(origin, await publicKeyOf(seed)));
}

/**
 * @returns false for a log without leaves, which any key may still begin.
 * @throws OperatorError when the log in the database was signed by another key, or under another origin.
 */
export async function checkSigner(db: Reader, { origin, seed }: LogKeeper): Promise<boolean> {
  const [last] = await db
    .select({ checkpoint: leaves.checkpoint })
    .from(leaves)
    .orderBy(desc(leaves.index))
    .limit(1);
  if (!last) return false;
  const opened = await openCheckpoint(
    last.checkpoint,
    verifierKey(origin, await publicKeyOf(seed)),
  );
  if (opened.ok) return true;
  const found = last.checkpoint.split("\n")[0];
  throw new OperatorError(
    `the log in this database is that of ${found}, signed by another key than this server's (${origin}): ` +
      "nobody who holds a checkpoint would follow it. Set RADEMARK_LOG_SEED and RADEMARK_LOG_ORIGIN to that log's.",
  );
}

/** Keepers whose log was found to be their own; a log never changes its key. */
const checked = new WeakSet<LogKeeper>();

/**
 * `lockLog`; before a process's first leaf it also checks that the log is its own. A Worker has no start at which to
 * check, and a leaf under a foreign checkpoint could never be removed.
 *
 * @throws OperatorError when the log in the database was signed by another key, or under another origin.
 */
export async function lockOwnLog(tx: Transaction, keeper: LogKeeper): Promise<void> {
  await lockLog(tx);
  if (checked.has(keeper)) return;
  if (await checkSigner(tx, keeper)) checked.add(keeper);
}
