/** @file An operator's decision, public with its reason. Only names are ever deleted. */

import { eq, sql } from "drizzle-orm";
import type { Transaction } from "../../db/db.ts";
import { decisionsOn } from "../../db/project/standings.ts";
import { entryAbout } from "../../db/project/index-leaf.ts";
import { keyNames, keys } from "../../db/schema.ts";
import type { Receipt } from "../../record/log/log-proof.ts";
import { protocolId, protocols } from "../../record/protocols.ts";
import type { Moderation } from "../../record/statement/statements.ts";
import { Refusal, errorAt } from "../problem-answer.ts";
import { type Accept, type Acceptance, acceptOnce } from "./acceptance.ts";
import { checkTime } from "./accept-key.ts";

/** An operator's key need not be registered: the deployment's settings name it. */
export const acceptModeration: Accept<"moderation", Receipt> = async (acceptance, opened) => {
  const { statement } = opened;
  const accepted = await acceptOnce(acceptance, opened, async () => {
    if (!acceptance.deployment.operators.has(statement.key))
      throw new Refusal("not-an-operator", "The statement is signed by another key.", [
        errorAt(statement, ["key"], "an operator's key"),
      ]);
    checkTime(statement, acceptance.at);
    await checkSubject(acceptance, statement);
  });
  if (accepted.isNew && statement.action === "erase-name") await eraseName(acceptance, statement);
  return accepted;
};

async function checkSubject({ tx }: Acceptance, moderation: Moderation): Promise<void> {
  const { action, subject } = moderation;
  const isName = action === "erase-name";
  if (!(await (isName ? isKey(tx, subject) : isModerated(tx, subject)))) {
    const what = isName
      ? "a registered key"
      : "the id of an entry, of a reproduction, or of a protocol of this server";
    throw new Refusal("unknown-statement", `${action} is about ${what}.`, [
      errorAt(moderation, ["subject"], what),
    ]);
  }
  if (action !== "quarantine" && action !== "unquarantine") return;
  const { quarantine } = (await decisionsOn(tx, [subject]))(subject);
  if ((quarantine === null) === (action === "quarantine")) return;
  throw new Refusal("already-done", `Its state is that of ${action} already.`, [
    errorAt(moderation, ["action"], "a change"),
  ]);
}

async function isKey(tx: Transaction, subject: string): Promise<boolean> {
  return (await tx.$count(keys, eq(keys.key, subject))) > 0;
}

/** A reproduction as well as an entry: one with invented counts disputes whatever entry it names. */
async function isModerated(tx: Transaction, subject: string): Promise<boolean> {
  if (Object.values(protocols).some((protocol) => protocolId(protocol) === subject)) return true;
  return (await entryAbout(tx, subject)) !== null;
}

/**
 * An earlier statement of the key cannot bring the name back, nor the one that set it, whose time may be ahead of
 * the server's; a later one can set another.
 */
async function eraseName({ tx, at }: Acceptance, { subject }: Moderation): Promise<void> {
  const latest = sql`greatest(${keyNames.at}, ${at.toISOString()}::timestamptz)`;
  await tx
    .insert(keyNames)
    .values({ key: subject, name: null, at })
    .onConflictDoUpdate({ target: keyNames.key, set: { name: null, at: latest } });
}
