/** @file Keys: registered, replaced and revoked by statements in the log. */

import { eq } from "drizzle-orm";
import { keys } from "../../db/schema.ts";
import type { Receipt } from "../../record/log/log-proof.ts";
import { type Path, problemAt } from "../../record/problem.ts";
import type { KeyStatement } from "../../record/statement/statements.ts";
import { Refusal } from "../problem.ts";
import { type Accept, type Acceptance, acceptOnce } from "./acceptance.ts";
import { knownKey } from "./known-key.ts";
import { checkTime } from "./statement-time.ts";

/** Every action but `name`, which is not logged: `acceptName`. */
export const acceptKey: Accept<"key", Receipt> = (acceptance, opened) =>
  acceptOnce(acceptance, opened, async () => {
    const { statement } = opened;
    checkTime(statement, acceptance.at);
    if (statement.action === "register") return checkUnknown(acceptance, statement, "key");
    const known = await knownKey(acceptance, statement);
    if (statement.action === "rotate") await checkUnknown(acceptance, statement, "next");
    if (statement.action === "revoke") checkRevocation(statement, known);
  });

async function checkUnknown<Name extends "key" | "next">(
  { tx }: Acceptance,
  statement: Record<Name, string>,
  name: Name,
): Promise<void> {
  const [known] = await tx.select().from(keys).where(eq(keys.key, statement[name]));
  if (known) throw conflict(statement, [name], "a key that is not registered yet");
}

/** A revocation to come can be brought forward, and nothing else. */
function checkRevocation(
  statement: Extract<KeyStatement, { action: "revoke" }>,
  { registeredAt, revokedFrom }: typeof keys.$inferSelect,
): void {
  const from = new Date(statement.from);
  if (from < registeredAt)
    throw conflict(statement, ["from"], `not before ${registeredAt.toISOString()}`);
  if (revokedFrom !== null && from >= revokedFrom)
    throw conflict(statement, ["from"], `before ${revokedFrom.toISOString()}, as said already`);
}

function conflict(statement: object, path: Path, rule: string): Refusal {
  const detail = "It does not go with what the log says of the key.";
  return new Refusal("key-conflict", detail, [problemAt(statement, path, rule)]);
}
