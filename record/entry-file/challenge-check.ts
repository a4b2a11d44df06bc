/** @file Were the fresh seeds those of a challenge for just this, signed for beforehand? */

import { canonicalDigest } from "../canonical-digest.ts";
import { canonicalJson } from "../canonical-json.ts";
import type { ChallengeDocument } from "../documents/challenge-document.ts";
import { openCheckpoint } from "../log/checkpoint.ts";
import type { Receipt } from "../log/log-entry.ts";
import { openInclusionProof, type InclusionProof } from "../log/log-proof.ts";
import type { VerifierKey } from "../log/verifier-key.ts";
import type { Problem } from "../problem.ts";
import type { Protocol } from "../protocol.ts";
import { freshSeeds } from "../statement/challenge.ts";
import { challengeProblems } from "../statement/challenge-rules.ts";
import type { Measurement } from "../statement/measurement.ts";
import { openEnvelope } from "../statement/opened-envelope.ts";
import { failed, passed, problemText, type Check } from "./check.ts";
import { isSameTree } from "./log-checks.ts";

interface Challenged {
  id: string;
  statement: Measurement;
  /** Id of the entry that a reproduction is about; null for a result. */
  reproduces: string | null;
  /** Of the statement's leaf. */
  proof: InclusionProof;
}

/** What the file holds of a challenge; both null when the statement names none. */
interface Filed {
  document: ChallengeDocument | null;
  proof: InclusionProof | null;
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
  { document, proof }: Filed,
  protocol: Protocol,
  log: VerifierKey,
): Promise<Check> {
  const problems = seedProblems(challenged, document, protocol);
  if (problems.length > 0) return failed("challenge", problemText(problems));
  if (challenged.statement.challenge === null && challenged.reproduces !== null)
    return failed("challenge", "A reproduction needs a challenge: only fresh runs count.");
  if (challenged.statement.challenge === null)
    return document === null && proof === null
      ? passed("challenge", "No challenge: the seeds are the panel's alone, known to everybody.")
      : failed("challenge", "The file holds a challenge that the statement does not name.");
  const reason =
    documentFault(document!, challenged, protocol) ??
    (await commitmentFault(document!)) ??
    (await orderFault(document!, proof, challenged, log));
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

/** Committed first: its leaf stands before the statement's, in the one tree that holds both. */
async function orderFault(
  { challenge, receipt }: ChallengeDocument,
  proof: InclusionProof | null,
  challenged: Challenged,
  log: VerifierKey,
): Promise<string | null> {
  if (receipt.id !== challenge.id) return "The receipt is not the challenge's.";
  if (proof === null) return "The proof that the log holds the challenge is missing.";
  const { kind, digest } = proof.entry;
  if (kind !== "challenge" || digest !== canonicalDigest(challenge))
    return `The challenge's proof is about ${kind} ${digest}, not this one.`;
  if (proof.index !== receipt.index)
    return `The challenge is leaf ${proof.index}, not ${receipt.index} as its receipt says.`;
  if (proof.index >= challenged.proof.index)
    return "The log holds the challenge no earlier than the statement.";
  return (await receiptFault(receipt, log)) ?? (await treeFault(proof, challenged, log));
}

/** Of a tree that held the challenge from the first. */
async function receiptFault({ index, checkpoint }: Receipt, log: VerifierKey) {
  const opened = await openCheckpoint(checkpoint, log);
  if (!opened.ok) return `The challenge's receipt: ${opened.reason}.`;
  const isHeld = index < opened.checkpoint.size;
  return isHeld ? null : "The challenge's receipt is of a tree that is too small for its leaf.";
}

/** Places in two histories would say nothing about which came first. */
async function treeFault(proof: InclusionProof, challenged: Challenged, log: VerifierKey) {
  const opened = await openInclusionProof(proof, log);
  if (!opened.ok) return `The challenge's proof: ${opened.reason}.`;
  const statements = await openCheckpoint(challenged.proof.checkpoint, log);
  const isSame = statements.ok && isSameTree(opened.checkpoint, statements.checkpoint);
  return isSame ? null : "The challenge's proof is of another tree than the statement's.";
}
