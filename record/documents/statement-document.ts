/** @file Any statement in the log with what it takes to check it, as a server gives it and as a file keeps it. */

import { z } from "zod";
import { ConsistencyProof, InclusionProof } from "../log/log-proof.ts";
import { Envelope } from "../statement/envelope.ts";
import { ChallengeDocument } from "./challenge-document.ts";

export const StatementDocument = z.strictObject({
  /** As it was first accepted; of a challenge and of its outcome, the commitment's. */
  envelope: Envelope,
  /** The one that the statement commits to or names; null when it names none. */
  challenge: ChallengeDocument.nullable(),
  /** Of the leaf of the challenge that a result or reproduction names, in the tree of `proof`; null of all else. */
  challengeProof: InclusionProof.nullable(),
  /** Of the statement's leaf: a commitment's is its challenge's. */
  proof: InclusionProof,
});
export type StatementDocument = z.infer<typeof StatementDocument>;

/** What is neither a result nor a reproduction, in one file; those two stand in an entry file. */
export const StatementFile = z.strictObject({
  rademark: z.literal("statement"),
  version: z.literal(1),
  ...StatementDocument.omit({ challengeProof: true }).shape,
  /** Between the proof's checkpoint and another one; null without one. */
  consistency: ConsistencyProof.nullable(),
  /** Of the log that the proof is of, as in a `vkey` line. */
  verifierKey: z.string().max(400),
});
export type StatementFile = z.infer<typeof StatementFile>;
