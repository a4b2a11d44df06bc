/** @file A statement taken back. Of a commitment the leaf behind this one says so: its outcome. */

import { eq } from "drizzle-orm";
import type { Leaf } from "../append-leaf.ts";
import type { Transaction } from "../db.ts";
import { entries, reproductions, retractions } from "../schema.ts";
import { noteChange } from "./board-change.ts";
import { statementIn } from "./leaf-body.ts";

export async function indexRetraction(tx: Transaction, leaf: Leaf): Promise<void> {
  const { statement, reason } = statementIn("retraction", leaf);
  const [reproduction] = await tx
    .update(reproductions)
    .set({ retracted: true })
    .where(eq(reproductions.id, statement))
    .returning({ entry: reproductions.entry });
  const [entry] = await tx
    .select({ protocol: entries.protocol, arch: entries.arch, regs: entries.regs })
    .from(entries)
    .where(eq(entries.id, reproduction?.entry ?? statement));
  if (!entry) return;
  await tx.insert(retractions).values({ id: leaf.digest, leaf: leaf.index, statement, reason });
  await noteChange(tx, entry);
}
