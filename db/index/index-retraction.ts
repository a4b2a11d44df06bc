/** @file A statement taken back. Of a commitment the leaf behind this one says so: its outcome. */

import type { Leaf } from "../append-leaf.ts";
import type { Transaction } from "../db.ts";
import { retractions } from "../schema.ts";
import { noteChange } from "./board-change.ts";
import { entryAbout } from "./entry-about.ts";
import { statementIn } from "./leaf-body.ts";
import { restand } from "./restand.ts";

export async function indexRetraction(tx: Transaction, leaf: Leaf): Promise<void> {
  const { key, statement, reason } = statementIn("retraction", leaf);
  const entry = await entryAbout(tx, statement);
  if (entry === null) return;
  await tx.insert(retractions).values({
    id: leaf.digest,
    leaf: leaf.index,
    statement,
    entry: entry.id,
    key,
    reason,
    receivedAt: leaf.at,
  });
  await restand(tx, statement);
  await noteChange(tx, entry);
}
