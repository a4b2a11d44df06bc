/** @file Which rows wait for the board's refresh. */

import { eq, inArray, or } from "drizzle-orm";
import type { Transaction } from "../db.ts";
import { boardChanges, entries, reproductions } from "../schema.ts";

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

/** Every configuration that the key has listed or reproduced. */
export async function noteChangesOf(tx: Transaction, key: string): Promise<void> {
  const reproduced = tx
    .select({ entry: reproductions.entry })
    .from(reproductions)
    .where(eq(reproductions.key, key));
  const changes = await tx
    .selectDistinct({ protocol: entries.protocol, arch: entries.arch, regs: entries.regs })
    .from(entries)
    .where(or(eq(entries.key, key), inArray(entries.id, reproduced)));
  if (changes.length > 0) await tx.insert(boardChanges).values(changes);
}
