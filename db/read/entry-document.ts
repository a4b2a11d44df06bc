/** @file One entry with all that was said of it. */

import { asc, eq } from "drizzle-orm";
import type { BoardRow } from "../../record/board/board-row.ts";
import type {
  EntryDocument,
  EntryRuns,
  ReproductionDocument,
} from "../../record/documents/entry-document.ts";
import { runMetrics } from "../../record/metrics.ts";
import { findProtocol } from "../../record/protocols.ts";
import { summarize } from "../../record/summary.ts";
import { receiptOf } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { keyNames, keys, reproductions } from "../schema.ts";
import { findChallenge } from "./challenge-document.ts";
import { entryEvents } from "./entry-events.ts";
import { findRow, resultOf } from "./find-rows.ts";

export async function findEntry(db: Reader, id: string): Promise<EntryDocument | null> {
  const found = await findRow(db, id);
  if (found === null) return null;
  const { row, challenge, supersedes, leaf } = found;
  const protocol = findProtocol(found.protocol);
  const { panel, fresh } = resultOf(found);
  const issued = challenge === null ? null : await findChallenge(db, challenge);
  const reproduced = await reproductionsOf(db, row);
  return {
    protocol: { id: found.protocol, name: protocol.name },
    row,
    summary: summarize([...panel, ...fresh], protocol),
    supersedes,
    challenge: issued,
    reproductions: reproduced,
    events: await entryEvents(db, found, issued, reproduced),
    receipt: receiptOf(id, leaf),
  };
}

/** In the order of the log. */
async function reproductionsOf(
  db: Reader,
  { entry, signer }: BoardRow,
): Promise<ReproductionDocument[]> {
  const rows = await db
    .select({ reproduction: reproductions, name: keyNames.name, holder: keys.holder })
    .from(reproductions)
    .innerJoin(keys, eq(keys.key, reproductions.key))
    .leftJoin(keyNames, eq(keyNames.key, reproductions.key))
    .where(eq(reproductions.entry, entry))
    .orderBy(asc(reproductions.leaf));
  const [submitter] = await db
    .select({ holder: keys.holder })
    .from(keys)
    .where(eq(keys.key, signer.key));
  return rows.map(({ reproduction, name, holder }) => {
    const { id, key, verdict, numbers, challenge, retracted, receivedAt } = reproduction;
    return {
      id,
      signer: { key, name },
      own: holder === submitter!.holder,
      verdict,
      numbers: JSON.parse(numbers) as ReproductionDocument["numbers"],
      challenge,
      retracted,
      receivedAt: receivedAt.toISOString(),
    };
  });
}

export async function findRuns(db: Reader, id: string): Promise<EntryRuns | null> {
  const found = await findRow(db, id);
  if (found === null) return null;
  const protocol = findProtocol(found.protocol);
  const { panel, fresh } = resultOf(found);
  return { panel, fresh, metrics: [...panel, ...fresh].map((run) => runMetrics(run, protocol)) };
}
