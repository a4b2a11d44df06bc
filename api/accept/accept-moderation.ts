/** @file An operator's decision, public with its reason. Nothing is deleted but a name. */

import { and, desc, eq, inArray, sql } from "drizzle-orm";
import { entries, keyNames, keys, moderations } from "../../db/schema.ts";
import type { Receipt } from "../../record/log/log-entry.ts";
import { problemAt } from "../../record/problem.ts";
import type { Moderation } from "../../record/statement/moderation.ts";
import { Refusal } from "../problem.ts";
import { acceptOnce, type Accept, type Acceptance } from "./acceptance.ts";
import { checkTime } from "./statement-time.ts";

/** An operator's key need not be registered: the home names it. */
export const acceptModeration: Accept<"moderation", Receipt> = async (acceptance, opened) => {
  const { statement } = opened;
  const accepted = await acceptOnce(acceptance, opened, async () => {
    if (!acceptance.home.operators.has(statement.key))
      throw new Refusal("not-an-operator", "The statement is signed by another key.", [
        problemAt(statement, ["key"], "an operator's key"),
      ]);
    checkTime(statement, acceptance.at);
    await checkSubject(acceptance, statement);
  });
  if (accepted.isNew && statement.action === "erase-name") await eraseName(acceptance, statement);
  return accepted;
};

async function checkSubject({ tx }: Acceptance, moderation: Moderation): Promise<void> {
  const { action, subject } = moderation;
  const [found] =
    action === "erase-name"
      ? await tx.select({ id: keys.key }).from(keys).where(eq(keys.key, subject))
      : await tx.select({ id: entries.id }).from(entries).where(eq(entries.id, subject));
  const what = action === "erase-name" ? "a registered key" : "the id of an entry";
  if (!found)
    throw new Refusal("unknown-statement", `${action} is about ${what}.`, [
      problemAt(moderation, ["subject"], what),
    ]);
  if (action !== "quarantine" && action !== "unquarantine") return;
  const standing = (await latestDecision({ tx }, subject)) ?? "unquarantine";
  if (standing === action)
    throw new Refusal("already-done", `The entry's state is that of ${action} already.`, [
      problemAt(moderation, ["action"], "a change"),
    ]);
}

async function latestDecision({ tx }: Pick<Acceptance, "tx">, subject: string) {
  const [latest] = await tx
    .select({ action: moderations.action })
    .from(moderations)
    .where(
      and(
        eq(moderations.subject, subject),
        inArray(moderations.action, ["quarantine", "unquarantine"]),
      ),
    )
    .orderBy(desc(moderations.leaf))
    .limit(1);
  return latest?.action ?? null;
}

/**
 * An earlier statement of the key cannot bring the name back, nor the one that set it, whose time may be ahead of
 * the server's; a later one can set another.
 */
async function eraseName({ tx, at }: Acceptance, { subject }: Moderation): Promise<void> {
  const latest = sql`greatest(${keyNames.at}, ${at.toISOString()}::timestamptz)`;
  await tx.update(keyNames).set({ name: null, at: latest }).where(eq(keyNames.key, subject));
}
