/** @file Keys speak once they are registered, and until they are revoked or replaced. */

import { eq } from "drizzle-orm";
import { keys } from "../../db/schema.ts";
import { problemAt } from "../../record/problem.ts";
import { Refusal } from "../problem.ts";
import type { Acceptance } from "./acceptance.ts";

export type KnownKey = typeof keys.$inferSelect;

/** @throws Refusal `unknown-key` or `revoked-key`. */
export async function knownKey(
  { tx, at }: Acceptance,
  statement: { key: string },
): Promise<KnownKey> {
  const [known] = await tx.select().from(keys).where(eq(keys.key, statement.key));
  if (!known)
    throw new Refusal("unknown-key", "Register the key first.", [
      problemAt(statement, ["key"], "a registered key"),
    ]);
  const { revokedFrom, next } = known;
  if (revokedFrom === null || revokedFrom > at) return known;
  const since = revokedFrom.toISOString();
  const detail = next ? `It was replaced by ${next} on ${since}.` : `It was revoked from ${since}.`;
  throw new Refusal("revoked-key", detail, [problemAt(statement, ["key"], "a key in use")]);
}
