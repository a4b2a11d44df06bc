/** @file Whether a dump's display name may stand: no log holds names, so nothing else can be checked of them. */

import { and, eq, gte } from "drizzle-orm";
import { displayNameProblems } from "../../record/statement/display-name.ts";
import type { Reader } from "../db.ts";
import { keyNames, keys, leaves, moderations } from "../schema.ts";
import type { DumpName } from "./dump-lines.ts";

/** Called behind the leaves. Null for a name in order. */
export async function nameFault(
  db: Reader,
  { key, name, at }: DumpName["name"],
): Promise<string | null> {
  if ((await db.$count(keys, eq(keys.key, key))) === 0) return "a name of a key never registered";
  if ((await db.$count(keyNames, eq(keyNames.key, key))) > 0) return "a second name of a key";
  if (name === null) return null;
  const [problem] = displayNameProblems(name);
  if (problem) return `a name that breaks a rule (${problem.rule})`;
  return (await isErased(db, key, new Date(at))) ? "a name that was erased" : null;
}

/** By an operator, at that time or later. */
async function isErased(db: Reader, key: string, at: Date): Promise<boolean> {
  const [erasure] = await db
    .select({ index: leaves.index })
    .from(moderations)
    .innerJoin(leaves, eq(leaves.index, moderations.leaf))
    .where(
      and(eq(moderations.subject, key), eq(moderations.action, "erase-name"), gte(leaves.at, at)),
    )
    .limit(1);
  return erasure !== undefined;
}
