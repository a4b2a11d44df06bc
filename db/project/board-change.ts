/** @file Notes which rows the board's next refresh has to update. */

import { eq, sql } from "drizzle-orm";
import type { Transaction } from "../db.ts";
import { boardChanges, entries, reproductions } from "../schema.ts";
import { keysOfHolder } from "./standings.ts";

/** All entries of a configuration share its challenges, so its rows are refreshed together. */
export interface BoardChange {
  protocol: string;
  arch: string;
  regs: string;
}

export async function noteChange(
  tx: Transaction,
  { protocol, arch, regs }: BoardChange,
): Promise<void> {
  await tx.insert(boardChanges).values({ protocol, arch, regs });
}

/**
 * Notes every configuration that the key's holder has listed or reproduced, under any key; in one statement, however
 * many there are.
 */
export async function noteChangesOf(tx: Transaction, key: string): Promise<void> {
  const { protocol, arch, regs } = entries;
  const own = keysOfHolder(tx, key);
  const listed = sql`select ${protocol}, ${arch}, ${regs} from ${entries} where ${entries.key} in ${own}`;
  const reproduced = sql`select ${protocol}, ${arch}, ${regs} from ${entries}
    join ${reproductions} on ${eq(reproductions.entry, entries.id)} where ${reproductions.key} in ${own}`;
  await tx.execute(
    sql`insert into ${boardChanges} (protocol, arch, regs) (${listed} union ${reproduced})`,
  );
}
