/** @file An operator's decision. An erased name stands outside the log and is erased by who accepts the statement. */

import type { Leaf } from "../append-leaf.ts";
import type { Transaction } from "../db.ts";
import { moderations } from "../schema.ts";
import { noteChange, noteChangesOf } from "./board-change.ts";
import { entryAbout } from "./entry-about.ts";
import { statementIn } from "./leaf-body.ts";
import { restand } from "./restand.ts";

export async function indexModeration(tx: Transaction, leaf: Leaf): Promise<void> {
  const { action, subject, reason } = statementIn("moderation", leaf);
  const entry = action === "erase-name" ? null : await entryAbout(tx, subject);
  await tx.insert(moderations).values({
    id: leaf.digest,
    leaf: leaf.index,
    action,
    subject,
    entry: entry?.id ?? null,
    reason,
  });
  if (action === "erase-name") return noteChangesOf(tx, subject);
  if (entry === null) return;
  if (action !== "note") await restand(tx, subject);
  await noteChange(tx, entry);
}
