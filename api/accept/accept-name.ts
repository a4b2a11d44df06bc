/** @file A display name beside a key: authorised by the key, never logged, so that it can be erased. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { eq } from "drizzle-orm";
import { noteChangesOf } from "../../db/index/board-change.ts";
import { keyNames } from "../../db/schema.ts";
import { problemAt } from "../../record/problem.ts";
import { displayNameProblems } from "../../record/statement/display-name.ts";
import type { KeyStatement } from "../../record/statement/statements.ts";
import { Refusal } from "../problem.ts";
import type { Acceptance } from "./acceptance.ts";
import { knownKey } from "./known-key.ts";
import { checkTime } from "./statement-time.ts";

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
      [problemAt(statement, ["at"], `later than ${last.at.toISOString()}`)],
    );
  await tx
    .insert(keyNames)
    .values({ key, name, at })
    .onConflictDoUpdate({ target: keyNames.key, set: { name, at } });
  await noteChangesOf(tx, key);
  return true;
}

/** Pointers go into the request's body, where the name stands. */
function checkText(statement: NameStatement, name: string | null): void {
  const digest = name === null ? null : bytesToHex(sha256(utf8ToBytes(name)));
  if (digest !== statement.name)
    throw new Refusal("bad-name", "The key has signed another name.", [
      problemAt({ name }, ["name"], `a text whose SHA-256 is ${statement.name ?? "null"}`),
    ]);
  const problems = name === null ? [] : displayNameProblems(name);
  if (problems.length > 0)
    throw new Refusal(
      "bad-name",
      "Names are one line in one script.",
      problems.map((problem) => ({ ...problem, pointer: "/name" })),
    );
}
