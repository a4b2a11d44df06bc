/** @file Leaves by their digest or place. */

import { eq } from "drizzle-orm";
import type { Receipt } from "../../record/log/log-proof.ts";
import { type Leaf, receiptOf } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { challenges, leaves } from "../schema.ts";

export async function leafOf(db: Reader, digest: string): Promise<Leaf | null> {
  const [found] = await db.select().from(leaves).where(eq(leaves.digest, digest));
  return found ?? null;
}

export async function leafAt(db: Reader, index: number): Promise<Leaf | null> {
  const [found] = await db.select().from(leaves).where(eq(leaves.index, index));
  return found ?? null;
}

/** Of any accepted statement; a commitment's is that of the challenge it was answered with. */
export async function findStatementLeaf(db: Reader, id: string): Promise<Leaf | null> {
  const [challenge] = await db
    .select({ leaf: challenges.leaf })
    .from(challenges)
    .where(eq(challenges.id, id));
  return challenge ? leafAt(db, challenge.leaf) : leafOf(db, id);
}

export async function findReceipt(db: Reader, id: string): Promise<Receipt | null> {
  const leaf = await findStatementLeaf(db, id);
  return leaf && receiptOf(id, leaf);
}
