/** @file Keys come, are replaced and go. */

import { eq } from "drizzle-orm";
import type { Leaf } from "../append-leaf.ts";
import type { Transaction } from "../db.ts";
import { keys } from "../schema.ts";
import { noteChangesOf } from "./board-change.ts";
import { statementIn } from "./leaf-body.ts";
import { restandOf } from "./restand.ts";
import { keysOfHolder } from "./same-holder.ts";

export async function indexKey(tx: Transaction, leaf: Leaf): Promise<void> {
  const statement = statementIn("key", leaf);
  const { key, action } = statement;
  if (action === "register") await register(tx, key, key, leaf.at);
  if (action === "rotate") {
    const [replaced] = await tx
      .update(keys)
      .set({ revokedFrom: leaf.at, next: statement.next })
      .where(eq(keys.key, key))
      .returning({ holder: keys.holder });
    if (!replaced) throw new Error(`leaf ${leaf.index} replaces a key that was never registered`);
    await register(tx, statement.next, replaced.holder, leaf.at);
  }
  if (action === "revoke") {
    await tx
      .update(keys)
      .set({ revokedFrom: new Date(statement.from) })
      .where(eq(keys.key, key));
    await restandOf(tx, keysOfHolder(tx, key));
    await noteChangesOf(tx, key); // what it signed from then on counts no more, on earlier keys' rows as well
  }
}

async function register(
  tx: Transaction,
  key: string,
  holder: string,
  registeredAt: Date,
): Promise<void> {
  await tx.insert(keys).values({ key, registeredAt, revokedFrom: null, next: null, holder });
}
