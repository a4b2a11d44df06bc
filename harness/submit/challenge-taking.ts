/** @file Commit first, then the seeds: takes a folder's challenge from a server, once. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ChallengeDocument } from "../../record/documents/entry-document.ts";
import type { Protocol } from "../../record/protocols.ts";
import { type Envelope, openEnvelope } from "../../record/statement/envelope.ts";
import type { Client } from "../client/client.ts";
import { Unreachable } from "../client/server-refusal.ts";
import { EXIT, UserError } from "../errors.ts";
import { makeFolder } from "../files.ts";
import { requireOwnPlace } from "../sweep/output-folder.ts";
import { isAnswerTo } from "./challenge-answer.ts";
import { type Intent, keptCommitment, requireSameIntent } from "./commitment.ts";
import { hasState, readState, writeState } from "./folder-state.ts";
import type { Signer } from "./signer.ts";

export interface Challenger {
  client: Client;
  signer: Signer;
  /** Milliseconds of a wall clock. */
  now: () => number;
}

/**
 * The folder's challenge: the one it has, or a new one. A kill in between loses none and takes none twice.
 *
 * @param folder made when it is not there.
 * @throws UserError when the challenge is over, or the folder was begun without one or for something else.
 */
export async function takeChallenge(
  folder: string,
  protocol: Protocol,
  intent: Intent,
  { client, signer, now }: Challenger,
): Promise<ChallengeDocument> {
  const kept = readState(folder, "challenge");
  if (kept !== null) {
    requireSameIntent(folder, kept.commitment, intent);
    if (!hasState(folder, "receipt")) await requireOpen(folder, kept, { client, now });
    return kept;
  }
  requireChallengePlace(folder);
  makeFolder(folder);
  const envelope = await keptCommitment(folder, intent, signer);
  const { answer } = await client.post("/v1/challenges", envelope, ChallengeDocument);
  await requireAnswerTo(envelope, answer, protocol, client.api);
  writeState(folder, "challenge", answer);
  if (answer.outcome !== null) throw over(folder, answer);
  return answer;
}

/** @throws UserError for a folder in which a challenge cannot begin: somebody else's, or one begun without. */
export function requireChallengePlace(folder: string): void {
  if (hasState(folder, "challenge")) return;
  if (existsSync(join(folder, "config.json")))
    throw new UserError(
      `${folder} was begun without a challenge, so its seeds were chosen before. Choose another --out.`,
    );
  requireOwnPlace(folder);
}

/** @throws UserError when it has ended or run out. Without a network the folder's own copy has to do. */
async function requireOpen(
  folder: string,
  kept: ChallengeDocument,
  { client, now }: Pick<Challenger, "client" | "now">,
): Promise<void> {
  const { id, expiresAt } = kept.challenge;
  if (hasState(folder, "submission")) return; // it may be there, unacknowledged: submitting tells
  if (Date.parse(expiresAt) <= now()) throw over(folder, kept);
  try {
    const current = await client.get(`/v1/challenges/${id}`, ChallengeDocument);
    if (current.outcome !== null) throw over(folder, current);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
  }
}

function over(folder: string, { challenge, outcome }: ChallengeDocument): UserError {
  const what =
    outcome === null || outcome.outcome === "expired"
      ? `expired at ${challenge.expiresAt}`
      : outcome.outcome === "failed"
        ? `was given up at ${outcome.at} (${outcome.reason ?? "no reason given"})`
        : `was completed at ${outcome.at} by ${outcome.statement ?? "another statement"}`;
  return new UserError(
    `The challenge of ${folder} ${what}. It stays public with that outcome. Choose another --out to take a new one.`,
  );
}

/** A server that answers with other seeds than the nonce gives is not to be trained for. */
async function requireAnswerTo(
  envelope: Envelope,
  answer: ChallengeDocument,
  protocol: Protocol,
  api: string,
): Promise<void> {
  const opened = await openEnvelope(envelope);
  const sent = opened.ok && opened.kind === "commitment" ? opened : null;
  if (sent === null || !isAnswerTo(sent, answer, protocol.freshSeeds))
    throw new UserError(
      `${api} answered with a challenge that does not belong to the commitment. Nothing was trained.`,
      EXIT.verification,
    );
}
