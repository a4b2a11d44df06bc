/** @file The entry that a statement is, or that it reproduces: whose row changes with it. */

import { eq, sql } from "drizzle-orm";
import type { Transaction } from "../db.ts";
import { entries, reproductions } from "../schema.ts";
import type { BoardChange } from "./board-change.ts";

/** Null when the id is neither a result's nor a reproduction's. */
export async function entryAbout(
  tx: Transaction,
  id: string,
): Promise<(BoardChange & { id: string }) | null> {
  const reproduced = sql`(select ${reproductions.entry} from ${reproductions} where ${eq(reproductions.id, id)})`;
  const [found] = await tx
    .select({
      id: entries.id,
      protocol: entries.protocol,
      arch: entries.arch,
      regs: entries.regs,
    })
    .from(entries)
    .where(eq(entries.id, sql`coalesce(${reproduced}, ${id})`));
  return found ?? null;
}
