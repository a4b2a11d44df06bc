/** @file Keys: registered, replaced and revoked by statements in the log. */

import { eq } from "drizzle-orm";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { keyNames, keys } from "../../db/schema.ts";
import type { Receipt } from "../../record/log/log-proof.ts";
import { type Path } from "../../record/problem.ts";
import type { KeyStatement } from "../../record/statement/statements.ts";
import { Refusal, errorAt } from "../problem-answer.ts";
import { type Accept, type Acceptance, acceptOnce } from "./acceptance.ts";
import { knownKey } from "./accept-result.ts";
import { noteChangesOf } from "../../db/project/board-change.ts";
import { displayNameProblems } from "../../record/statement/display-name.ts";

/** Accepts every action but `name`, which is not logged (`acceptName`). */
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

/** A revocation that lies in the future can be brought forward; nothing else about it can change. */
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
  const detail = "It contradicts what the log says about the key.";
  return new Refusal("key-conflict", detail, [errorAt(statement, path, rule)]);
}

/** Clocks differ; but after a time far ahead every later statement would be refused as an older one. */
const AHEAD_MS = 10 * 60_000;

/** No clock is that far behind, and databases have no year 0. */
const EARLIEST = "2000-01-01T00:00:00Z";

/** @throws Refusal `malformed-statement` for a time more than ten minutes ahead, or of another century. */
export function checkTime(statement: { at: string }, now: Date): void {
  const at = Date.parse(statement.at);
  if (at < Date.parse(EARLIEST))
    throw new Refusal("malformed-statement", "Its time is long past; is the clock right?", [
      errorAt(statement, ["at"], `at least ${EARLIEST}`),
    ]);
  if (at <= now.getTime() + AHEAD_MS) return;
  throw new Refusal("malformed-statement", "Its time is in the future; is the clock right?", [
    errorAt(statement, ["at"], `at most ten minutes after ${now.toISOString()}`),
  ]);
}

type NameStatement = Extract<KeyStatement, { action: "name" }>;

/**
 * @param name the text whose digest is signed; null removes the name.
 * @returns whether anything changed: the statement that set the name already changes nothing.
 * @throws Refusal
 */
export async function acceptName(
  acceptance: Acceptance,
  statement: NameStatement,
  name: string | null,
): Promise<boolean> {
  checkText(statement, name);
  checkTime(statement, acceptance.at);
  await knownKey(acceptance, statement);
  const { tx } = acceptance;
  const { key } = statement;
  const at = new Date(statement.at);
  const [last] = await tx.select().from(keyNames).where(eq(keyNames.key, key));
  if (last?.name === name && last.at.getTime() === at.getTime()) return false;
  if (last && last.at >= at)
    throw new Refusal(
      "key-conflict",
      "A later statement has named the key, or its name was erased.",
      [errorAt(statement, ["at"], `later than ${last.at.toISOString()}`)],
    );
  await tx
    .insert(keyNames)
    .values({ key, name, at })
    .onConflictDoUpdate({ target: keyNames.key, set: { name, at } });
  await noteChangesOf(tx, key);
  return true;
}

/** Pointers are into the request's body, which holds the name. */
function checkText(statement: NameStatement, name: string | null): void {
  const digest = name === null ? null : bytesToHex(sha256(utf8ToBytes(name)));
  if (digest !== statement.name)
    throw new Refusal("bad-name", "The key has signed another name.", [
      errorAt({ name }, ["name"], `a text whose SHA-256 is ${statement.name ?? "null"}`),
    ]);
  const problems = name === null ? [] : displayNameProblems(name);
  if (problems.length > 0)
    throw new Refusal(
      "bad-name",
      "Names are one line in one script.",
      problems.map((problem) => ({ ...problem, pointer: "/name" })),
    );
}
