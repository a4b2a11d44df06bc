/** @file The whole log as lines of JSON: enough to rebuild and check everything but the keys' secrets. */

import { and, asc, gte, lt, sql } from "drizzle-orm";
import { formatVerifierKey, verifierKey } from "../../record/log/checkpoint.ts";
import { publicKeyOf } from "../../record/signature/ed25519.ts";
import type { Leaf, LogKeeper } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { keyNames, leaves } from "../schema.ts";
import { checkpointAt } from "../read/log-page.ts";
import { bodyBytes } from "../project/leaf-body.ts";
import { type Withheld, withheldStatements } from "../read/withheld.ts";
import type { DumpHeader, DumpLeaf, DumpName } from "../../record/log/dump-lines.ts";

/** Rows read at a time; a leaf can be megabytes long. */
const LEAVES = 16;

/** Whose dump it is: an operator's own holds every byte; for everybody those that a quarantine withholds are left out. */
export type DumpReader = "operator" | "everybody";

/**
 * The dump's lines, without line feeds. They all show one moment, however slowly they are consumed: leaves never change,
 * so they can be read later; names do, so they are read together with the log's size and kept, some 200 bytes each.
 *
 * @throws when the log lacks a leaf.
 */
export async function* dumpLines(
  db: Reader,
  keeper: LogKeeper,
  reader: DumpReader = "operator",
): AsyncGenerator<string> {
  const { size, names } = await logMoment(db);
  const checkpoint = await checkpointAt(db, keeper, size);
  if (checkpoint === null) throw new Error(`the log has no leaf ${size - 1}`);
  const { origin } = keeper;
  const key = formatVerifierKey(verifierKey(origin, await publicKeyOf(keeper.seed)));
  const head = { origin, verifierKey: key, size, checkpoint };
  yield* momentLines(db, { rademark: "dump", version: 1, ...head }, names, reader);
}

/** For everybody: the dump from which a database that nobody writes to was restored, under the log's own header. */
export async function* dumpLinesUnder(db: Reader, head: DumpHeader): AsyncGenerator<string> {
  yield* momentLines(db, head, (await logMoment(db)).names, "everybody");
}

async function* momentLines(
  db: Reader,
  head: DumpHeader,
  names: readonly string[],
  reader: DumpReader,
): AsyncGenerator<string> {
  const withheld: Withheld =
    reader === "operator" ? new Map() : await withheldStatements(db, null, head.size);
  yield JSON.stringify(head);
  for (let start = 0; start < head.size; start += LEAVES)
    for (const leaf of await readLeaves(db, start, Math.min(head.size, start + LEAVES)))
      yield JSON.stringify(dumpLeaf(shownLeaf(leaf, withheld)));
  yield* names;
}

/**
 * Reads size and names in one statement, which sees one moment: for every name, it also sees the leaf of its key.
 *
 * @returns the names as lines.
 */
async function logMoment(db: Reader): Promise<{ size: number; names: string[] }> {
  const log = db
    .select({ size: sql<number>`coalesce(max(${leaves.index}) + 1, 0)`.mapWith(Number).as("size") })
    .from(leaves)
    .as("log");
  const rows = await db
    .select({ size: log.size, named: keyNames })
    .from(log)
    .leftJoin(keyNames, sql`true`)
    .orderBy(asc(keyNames.key));
  const names = rows.flatMap(({ named }) => (named === null ? [] : [nameLine(named)]));
  return { size: rows[0]!.size, names };
}

function nameLine({ key, name, at }: typeof keyNames.$inferSelect): string {
  return JSON.stringify({ name: { key, name, at: at.toISOString() } } satisfies DumpName);
}

/** Decisions never change, nor which of them were made below the log's size: it is one moment's, too. */
function shownLeaf(leaf: Leaf, withheld: Withheld): Leaf {
  const quarantined = withheld.get(leaf.digest);
  return quarantined === undefined ? leaf : { ...leaf, body: bodyBytes({ withheld: quarantined }) };
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
