/** @file An operator's decision. An erased name stands outside the log and is erased by who accepts the statement. */

import { eq } from "drizzle-orm";
import type { Leaf } from "../append-leaf.ts";
import type { Transaction } from "../db.ts";
import { entries, moderations } from "../schema.ts";
import { noteChange, noteChangesOf } from "./board-change.ts";
import { statementIn } from "./leaf-body.ts";

export async function indexModeration(tx: Transaction, leaf: Leaf): Promise<void> {
  const { action, subject, reason } = statementIn("moderation", leaf);
  await tx
    .insert(moderations)
    .values({ id: leaf.digest, leaf: leaf.index, action, subject, reason });
  if (action === "erase-name") return noteChangesOf(tx, subject);
  const changed = await tx
    .select({ protocol: entries.protocol, arch: entries.arch, regs: entries.regs })
    .from(entries)
    .where(eq(entries.id, subject));
  for (const configuration of changed) await noteChange(tx, configuration);
}
