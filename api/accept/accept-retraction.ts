/** @file A signer takes a statement back; of a commitment that ends the challenge as failed. */

import { eq } from "drizzle-orm";
import { isSameHolder } from "../../db/project/standings.ts";
import { challenges, entries, reproductions, retractions } from "../../db/schema.ts";
import type { Receipt } from "../../record/log/log-proof.ts";
import type { Retraction } from "../../record/statement/statements.ts";
import { Refusal, errorAt } from "../problem-answer.ts";
import { type Accept, type Acceptance, acceptOnce, appendOutcome } from "./acceptance.ts";
import { knownKey } from "./accept-result.ts";

type ChallengeRow = typeof challenges.$inferSelect;

export const acceptRetraction: Accept<"retraction", Receipt> = async (acceptance, opened) => {
  const { statement } = opened;
  let challenge: ChallengeRow | null = null;
  const accepted = await acceptOnce(acceptance, opened, async () => {
    await knownKey(acceptance, statement);
    challenge = await checkSubject(acceptance, statement);
  });
  if (challenge !== null)
    await appendOutcome(acceptance, {
      challenge: statement.statement,
      outcome: "failed",
      statement: opened.id,
      reason: statement.reason,
    });
  return accepted;
};

/** @returns the challenge, when it is one that is given up. */
async function checkSubject(
  { tx, at }: Acceptance,
  retraction: Retraction,
): Promise<ChallengeRow | null> {
  const id = retraction.statement;
  const [entry] = await tx.select().from(entries).where(eq(entries.id, id));
  const [reproduction] = await tx.select().from(reproductions).where(eq(reproductions.id, id));
  const [challenge] = await tx.select().from(challenges).where(eq(challenges.id, id));
  const subject = entry ?? reproduction ?? challenge;
  if (!subject)
    throw refusal("unknown-statement", retraction, "of a result, reproduction or commitment");
  if (!(await isSameHolder(tx, subject.key, retraction.key)))
    throw refusal("not-the-signer", retraction, "a statement of the same key");
  const [earlier] = await tx.select().from(retractions).where(eq(retractions.statement, id));
  if (earlier || challenge?.outcome === "failed")
    throw refusal("already-done", retraction, "one that still stands");
  if (challenge && (challenge.outcome !== null || challenge.expiresAt <= at))
    throw refusal("stale-challenge", retraction, "an open challenge");
  return challenge ?? null;
}

function refusal(
  problem: "unknown-statement" | "not-the-signer" | "already-done" | "stale-challenge",
  retraction: Retraction,
  rule: string,
): Refusal {
  const details = {
    "unknown-statement": "There is nothing of this id to take back.",
    "not-the-signer": "Only the key that signed it can take it back.",
    "already-done": "It was taken back before.",
    "stale-challenge": "The challenge ended before it was given up.",
  };
  return new Refusal(problem, details[problem], [errorAt(retraction, ["statement"], rule)]);
}
