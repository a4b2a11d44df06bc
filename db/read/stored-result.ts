/** @file An entry with the result behind it. */

import { eq } from "drizzle-orm";
import type { Result } from "../../record/statement/statements.ts";
import type { Reader } from "../db.ts";
import { statementIn } from "../index/leaf-body.ts";
import { entries, leaves } from "../schema.ts";

/** Null when the id is no entry's. */
export async function storedResult(
  db: Reader,
  id: string,
): Promise<{ id: string; result: Result } | null> {
  const [stored] = await db
    .select({ body: leaves.body })
    .from(entries)
    .innerJoin(leaves, eq(leaves.index, entries.leaf))
    .where(eq(entries.id, id));
  return stored ? { id, result: statementIn("result", stored) } : null;
}
