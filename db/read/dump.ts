/** @file The whole log as lines of JSON: enough to rebuild everything but keys' secrets, and to check all of it. */

import { and, asc, gt, gte, lt } from "drizzle-orm";
import { formatVerifierKey, verifierKey } from "../../record/log/verifier-key.ts";
import { publicKeyOf } from "../../record/signature/ed25519.ts";
import { logSize, type Leaf, type LogKeeper } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { keyNames, leaves } from "../schema.ts";
import { checkpointAt } from "./log-proofs.ts";

/** The first line. */
export interface DumpHead {
  rademark: "dump";
  version: 1;
  origin: string;
  verifierKey: string;
  /** Leaves that follow, one a line. */
  size: number;
  /** Signed over all of them. */
  checkpoint: string;
}

/** Of a leaf; `body` is the text of its exact bytes. */
export interface DumpLeaf {
  index: number;
  kind: Leaf["kind"];
  digest: string;
  at: string;
  checkpoint: string;
  body: string;
}

/** Behind the leaves, in the order of the keys; an erased name is null. */
export interface DumpName {
  name: { key: string; name: string | null; at: string };
}

/** Rows read at a time; a leaf can have megabytes. */
const LEAVES = 16;
const NAMES = 500;

/**
 * Without line feeds. Leaves that come while it is written are left out.
 *
 * @throws when the log lacks a leaf.
 */
export async function* dumpLines(db: Reader, keeper: LogKeeper): AsyncGenerator<string> {
  const size = await logSize(db);
  const checkpoint = await checkpointAt(db, keeper, size);
  if (checkpoint === null) throw new Error(`the log has no leaf ${size - 1}`);
  const { origin } = keeper;
  const key = formatVerifierKey(verifierKey(origin, await publicKeyOf(keeper.seed)));
  const head: DumpHead = {
    rademark: "dump",
    version: 1,
    origin,
    verifierKey: key,
    size,
    checkpoint,
  };
  yield JSON.stringify(head);
  for (let start = 0; start < size; start += LEAVES)
    for (const leaf of await readLeaves(db, start, Math.min(size, start + LEAVES)))
      yield JSON.stringify(dumpLeaf(leaf));
  yield* nameLines(db);
}

function dumpLeaf({ index, kind, digest, at, checkpoint, body }: Leaf): DumpLeaf {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  return { index, kind, digest, at: at.toISOString(), checkpoint, body: text };
}

async function readLeaves(db: Reader, start: number, end: number): Promise<Leaf[]> {
  const rows = await db
    .select()
    .from(leaves)
    .where(and(gte(leaves.index, start), lt(leaves.index, end)))
    .orderBy(asc(leaves.index));
  if (rows.length < end - start) throw new Error(`the log has gaps between ${start} and ${end}`);
  return rows;
}

async function* nameLines(db: Reader): AsyncGenerator<string> {
  let last = "";
  for (;;) {
    const rows = await db
      .select()
      .from(keyNames)
      .where(gt(keyNames.key, last))
      .orderBy(asc(keyNames.key))
      .limit(NAMES);
    for (const { key, name, at } of rows)
      yield JSON.stringify({ name: { key, name, at: at.toISOString() } } satisfies DumpName);
    if (rows.length < NAMES) return;
    last = rows.at(-1)!.key;
  }
}
