/** @file What results and reproductions are held against besides themselves: their challenge, others' counts. */

import { BARRED, copiedRuns } from "../../db/index/leaf-body.ts";
import { findChallenge } from "../../db/read/challenge-document.ts";
import { problemAt } from "../../record/problem.ts";
import type { IssuedChallenge } from "../../record/statement/challenge.ts";
import type { Measurement } from "../../record/statement/statements.ts";
import { expireChallenges } from "../expire-challenges.ts";
import { Refusal } from "../problem.ts";
import { type Acceptance, type Accepted, appendOutcome } from "./acceptance.ts";
import { OTHERS_COUNTS, refuseMeasurement } from "./measurement-refusal.ts";

/**
 * The challenge that the statement names, still open; null when it names none, or one never issued, or another
 * key's (which is refused as a foreign one, whether it is over or not).
 *
 * @throws Refusal `stale-challenge`.
 */
export async function openChallenge(
  { tx, home, at }: Acceptance,
  statement: Measurement,
): Promise<IssuedChallenge | null> {
  const found = statement.challenge && (await findChallenge(tx, statement.challenge));
  if (!found) return null;
  const { challenge, commitment, outcome } = found;
  const issued = { id: challenge.id, nonce: challenge.nonce, commitment };
  if (commitment.key !== statement.key) return issued;
  const isLate = outcome === null && new Date(challenge.expiresAt) <= at;
  if (isLate) home.after(() => expireChallenges(home)); // this transaction is about to be rolled back
  if (outcome === null && !isLate) return issued;
  const ended = outcome?.outcome ?? `expired on ${challenge.expiresAt}`;
  throw new Refusal("stale-challenge", `Its challenge is over: ${ended}.`, [
    problemAt(statement, ["challenge"], "an open challenge"),
  ]);
}

/** @throws Refusal `copied-counts`, naming a statement that the counts were taken from. */
export async function refuseCopies(
  { tx }: Acceptance,
  kind: keyof typeof BARRED,
  statement: Measurement,
): Promise<void> {
  const copies = await copiedRuns(tx, statement, BARRED[kind]);
  refuseMeasurement(
    copies.map(({ pointer, original }) => {
      return { pointer, rule: OTHERS_COUNTS, found: `those of a run of ${original}` };
    }),
  );
}

/** The challenge is over once a statement that meets it is in the log. */
export async function completeChallenge(
  acceptance: Acceptance,
  { challenge }: Measurement,
  { isNew, answer }: Accepted<{ id: string }>,
): Promise<void> {
  if (!isNew || challenge === null) return;
  const outcome = { outcome: "completed", statement: answer.id, reason: null } as const;
  await appendOutcome(acceptance, { challenge, ...outcome });
}
