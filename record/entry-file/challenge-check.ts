/** @file Were the fresh seeds those of a challenge for just this, signed for beforehand? */

import { canonicalJson } from "../canonical-json.ts";
import type { ChallengeDocument } from "../documents/challenge-document.ts";
import { openCheckpoint } from "../log/checkpoint.ts";
import type { VerifierKey } from "../log/verifier-key.ts";
import type { Problem } from "../problem.ts";
import type { Protocol } from "../protocol.ts";
import { freshSeeds } from "../statement/challenge.ts";
import { challengeProblems } from "../statement/challenge-rules.ts";
import type { Measurement } from "../statement/measurement.ts";
import { openEnvelope } from "../statement/opened-envelope.ts";
import { failed, passed, problemText, type Check } from "./check.ts";

interface Challenged {
  id: string;
  statement: Measurement;
  /** Id of the entry that a reproduction is about; null for a result. */
  reproduces: string | null;
  /** The statement's leaf. */
  index: number;
}

/** What seeds and commitment break; also part of `measurementProblems`. */
export function seedProblems(
  { statement, reproduces }: Pick<Challenged, "statement" | "reproduces">,
  document: ChallengeDocument | null,
  protocol: Protocol,
): Problem[] {
  return challengeProblems(statement, protocol, issued(document), reproduces);
}

/** As the rules want it. */
export function issued(document: ChallengeDocument | null) {
  if (document === null) return null;
  const { challenge, commitment } = document;
  return { id: challenge.id, nonce: challenge.nonce, commitment };
}

export async function challengeCheck(
  challenged: Challenged,
  document: ChallengeDocument | null,
  protocol: Protocol,
  log: VerifierKey,
): Promise<Check> {
  const problems = seedProblems(challenged, document, protocol);
  if (problems.length > 0) return failed("challenge", problemText(problems));
  if (challenged.statement.challenge === null && challenged.reproduces !== null)
    return failed("challenge", "A reproduction needs a challenge: only fresh runs count.");
  if (challenged.statement.challenge === null)
    return document === null
      ? passed("challenge", "No challenge: the seeds are the panel's alone, known to everybody.")
      : failed("challenge", "The file holds a challenge that the statement does not name.");
  const reason =
    documentFault(document!, challenged, protocol) ??
    (await commitmentFault(document!)) ??
    (await orderFault(document!, challenged, log));
  const { length } = challenged.statement.fresh;
  return reason === null
    ? passed("challenge", `${length} fresh seeds follow from the commitment and the nonce.`)
    : failed("challenge", reason);
}

function documentFault(
  { challenge, outcome }: ChallengeDocument,
  { id }: Challenged,
  protocol: Protocol,
): string | null {
  const seeds = freshSeeds(challenge, protocol.freshSeeds);
  if (seeds.join() !== challenge.seeds.join()) return "The challenge lists seeds not its own.";
  const isAnother = outcome !== null && outcome.challenge !== challenge.id;
  if (isAnother) return "The outcome is another challenge's.";
  if (outcome !== null && (outcome.outcome !== "completed" || outcome.statement !== id))
    return `The challenge ended otherwise: ${outcome.outcome}.`;
  return null;
}

/** The commitment is the signed one, and its id is the challenge's. */
async function commitmentFault(document: ChallengeDocument): Promise<string | null> {
  const opened = await openEnvelope(document.envelope);
  if (!opened.ok) return `The commitment's envelope does not open: ${problemText(opened.problems)}`;
  const isThis =
    opened.kind === "commitment" &&
    opened.id === document.challenge.id &&
    canonicalJson(opened.statement) === canonicalJson(document.commitment);
  return isThis ? null : "The commitment is not the one that was signed.";
}

/** Committed first: its leaf stands before the statement's, in a tree that the log signed. */
async function orderFault(
  { challenge, receipt }: ChallengeDocument,
  { index }: Challenged,
  log: VerifierKey,
): Promise<string | null> {
  if (receipt.id !== challenge.id) return "The receipt is not the challenge's.";
  const opened = await openCheckpoint(receipt.checkpoint, log);
  if (!opened.ok) return `The challenge's receipt: ${opened.reason}.`;
  const isBefore = receipt.index < index && receipt.index < opened.checkpoint.size;
  return isBefore ? null : "The log holds the challenge no earlier than the statement.";
}
