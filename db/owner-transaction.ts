/** @file What only the tables' owner may do. */

import { sql } from "drizzle-orm";
import type { Db, Transaction } from "./db.ts";

/** Sessions act as the writer; until the end of this transaction, as the login itself. */
export function ownerTransaction<T>(db: Db, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`set local role none`);
    await tx.execute(sql`set local statement_timeout = 0`);
    return work(tx);
  });
}
