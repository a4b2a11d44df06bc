/** @file Keeps, with the counts of each statement, whether it stands, which decides what others may list. */

import { type SQL, eq, inArray, sql } from "drizzle-orm";
import type { Transaction } from "../db.ts";
import { entries, keys, moderations, reproductions, retractions, runCounts } from "../schema.ts";
import { decisionsWhere, isVoid, retractionReasons } from "./standings.ts";
import { noteClaimants } from "./leaf-body.ts";

/** Call it after a statement about this one, a result or a reproduction, was indexed. */
export async function restand(tx: Transaction, id: string): Promise<void> {
  await restandAll(tx, { result: eq(entries.id, id), reproduction: eq(reproductions.id, id) });
}

/** Call it when one of these keys was revoked. @param ownKeys for `in`. */
export async function restandOf(tx: Transaction, ownKeys: SQL): Promise<void> {
  const result = sql`${entries.key} in ${ownKeys}`;
  await restandAll(tx, { result, reproduction: sql`${reproductions.key} in ${ownKeys}` });
}

async function restandAll(
  tx: Transaction,
  where: { result: SQL; reproduction: SQL },
): Promise<void> {
  const ids = sql`(select ${entries.id} from ${entries} where ${where.result}
    union all select ${reproductions.id} from ${reproductions} where ${where.reproduction})`;
  const retracted = await retractionReasons(tx, inArray(retractions.statement, ids));
  const decided = await decisionsWhere(tx, inArray(moderations.subject, ids));
  const signer = { revokedFrom: keys.revokedFrom, next: keys.next };
  const statements = [
    ...(await tx
      .select({ id: entries.id, receivedAt: entries.receivedAt, signer })
      .from(entries)
      .innerJoin(keys, eq(keys.key, entries.key))
      .where(where.result)),
    ...(await tx
      .select({ id: reproductions.id, receivedAt: reproductions.receivedAt, signer })
      .from(reproductions)
      .innerJoin(keys, eq(keys.key, reproductions.key))
      .where(where.reproduction)),
  ];
  const decisions = statements.map(({ id, receivedAt, signer }) => {
    const isAside = retracted.has(id) || decided(id).quarantine !== null;
    return { id, stands: !isAside && !isVoid(signer, receivedAt) };
  });
  await tx.execute(sql`
    update ${runCounts} set stands = decided.stands
    from json_to_recordset(${JSON.stringify(decisions)}::json) as decided(id text, stands boolean)
    where ${runCounts.statement} = decided.id and ${runCounts.stands} <> decided.stands`);
  await noteClaimants(tx, ids);
}
