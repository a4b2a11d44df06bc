/** @file A challenge as everybody sees it: what was committed to, what was issued, how it ended. */

import { z } from "zod";
import { Receipt } from "../log/log-entry.ts";
import { Digest } from "../run.ts";
import { Challenge } from "../statement/challenge.ts";
import { Commitment } from "../statement/commitment.ts";
import { Envelope } from "../statement/envelope.ts";
import { Reason } from "../statement/text.ts";

/** Logged by the SHA-256 of its RFC 8785 form. */
export const ChallengeOutcome = z.strictObject({
  challenge: Digest,
  outcome: z.enum(["completed", "failed", "expired"]),
  /** The result or reproduction that completed it, the retraction that gave it up; null when it expired. */
  statement: Digest.nullable(),
  /** Of a failure, in the key holder's words. */
  reason: Reason.nullable(),
  at: z.iso.datetime(),
});
export type ChallengeOutcome = z.infer<typeof ChallengeOutcome>;

export const ChallengeDocument = z.strictObject({
  challenge: Challenge,
  commitment: Commitment,
  /** The commitment's, as it was signed. */
  envelope: Envelope,
  /** Null while it is open. */
  outcome: ChallengeOutcome.nullable(),
  /** Its `id` is the challenge's; the leaf is the challenge's own. */
  receipt: Receipt,
});
export type ChallengeDocument = z.infer<typeof ChallengeDocument>;
