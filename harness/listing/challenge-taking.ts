/** @file First the commitment, then the seeds: takes a folder's challenge from a server, once. */

import { existsSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ChallengeDocument } from "../../record/answers/documents.ts";
import type { Protocol } from "../../record/protocols.ts";
import {
  type Envelope,
  type Opened,
  openEnvelope,
  sealEnvelope,
} from "../../record/statement/envelope.ts";
import { type Client, ServerRefusal, Unreachable } from "./client.ts";
import { EXIT, UserError } from "../errors.ts";
import { makeFolder } from "../files.ts";
import { requireOwnPlace } from "../study/run-folder.ts";
import { hasState, openState, readState, writeState } from "./folder-state.ts";
import type { Signer } from "./signer.ts";
import { canonicalJson } from "../../record/canonical-json.ts";
import { freshSeeds } from "../../record/statement/challenge.ts";
import type { CustomCode } from "../../record/custom-code.ts";
import type { Configuration } from "../../record/configuration.ts";
import { createSeed } from "../../record/signature/ed25519.ts";
import type { Commitment } from "../../record/statement/statements.ts";

interface Challenger {
  client: Client;
  signer: Signer;
  /** Milliseconds of a wall clock. */
  now: () => number;
}

/**
 * The folder's challenge: the one it has, or a new one. A kill at any moment neither loses a challenge nor takes two.
 *
 * @param folder made if it does not exist.
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

/** @throws UserError for a folder in which a challenge cannot begin: it holds something else, or was begun without one. */
export function requireChallengePlace(folder: string): void {
  if (hasState(folder, "challenge")) return;
  if (existsSync(join(folder, "config.json")))
    throw new UserError(
      `${folder} was begun without a challenge, so its seeds were chosen before. Choose another --out.`,
    );
  requireOwnPlace(folder);
}

/** @throws UserError when it has ended or expired. Without a network, the folder's own copy is trusted. */
async function requireOpen(
  folder: string,
  kept: ChallengeDocument,
  { client, now }: Pick<Challenger, "client" | "now">,
): Promise<void> {
  const { id, expiresAt } = kept.challenge;
  if (hasState(folder, "submission")) return; // the server may have it already, unacknowledged: submitting finds out
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

/** Nobody should train for a server whose seeds do not follow from its nonce. */
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

/** A commitment without the random bytes that make it unique. */
type Intent = Omit<Commitment, "unique">;

/**
 * @param harness version of the harness that trains.
 * @param reproduces id of the entry; null for a result of one's own.
 */
export function intentOf(
  configuration: Pick<Configuration, "protocolId" | "arch" | "regs" | keyof CustomCode>,
  { key, harness, reproduces }: { key: string; harness: string; reproduces: string | null },
): Intent {
  const { protocolId, arch, regs, source, regSource, customTaps } = configuration;
  const code = { source, regSource, customTaps };
  return { key, protocol: protocolId, arch, regs, ...code, harness, reproduces };
}

/**
 * The folder's commitment, made and written if there is none yet: a retry sends the same bytes, so that one attempt
 * never takes two challenges.
 *
 * @throws UserError when the folder is committed to something else.
 */
async function keptCommitment(folder: string, intent: Intent, signer: Signer): Promise<Envelope> {
  const kept = await openState(folder, "commitment", "commitment");
  if (kept !== null) {
    requireSameIntent(folder, kept.statement, intent);
    return kept.envelope;
  }
  // It need not be secret, only different from all others.
  const unique = bytesToHex(createSeed());
  const { seed } = await signer.unlock();
  const envelope = await sealEnvelope("commitment", { ...intent, unique }, [seed]);
  writeState(folder, "commitment", envelope);
  return envelope;
}

const memberText = (member: string | string[] | null) => [member ?? "none"].flat().join(", ");

/** @throws UserError naming what differs. */
function requireSameIntent(folder: string, committed: Commitment, intent: Intent): void {
  const names = Object.keys(intent) as (keyof Intent)[];
  const differences = names.filter(
    (name) => canonicalJson(committed[name]) !== canonicalJson(intent[name]),
  );
  if (differences.length === 0) return;
  const lines = differences.map(
    (name) => `  ${name}: there ${memberText(committed[name])}, now ${memberText(intent[name])}`,
  );
  throw new UserError(
    [
      `${folder} has a challenge for something else:`,
      ...lines,
      "A commitment cannot be changed. Do as it says, or choose another --out.",
    ].join("\n"),
    EXIT.usage,
  );
}

/** @param count number of fresh seeds that the protocol asks for. */
export function isAnswerTo(
  sent: Pick<Opened<"commitment">, "id" | "statement">,
  { challenge, commitment }: Pick<ChallengeDocument, "challenge" | "commitment">,
  count: number,
): boolean {
  return (
    challenge.id === sent.id &&
    canonicalJson(commitment) === canonicalJson(sent.statement) &&
    freshSeeds(challenge, count).join() === challenge.seeds.join()
  );
}

/** A folder whose challenge can no longer be answered, moved away so that a new one can be taken in its place. */
interface SetAside {
  /** Where the whole folder is now. */
  path: string;
  /** A sentence. */
  reason: string;
}

/**
 * Moves an output folder whose challenge has ended without a result, or was issued by another server; nothing of it
 * is lost, and the server that issued it still shows how it ended.
 *
 * @param aside path to move it to; the challenge's id is appended.
 * @returns null when training can continue in the folder, as far as anybody knows.
 */
export async function setAsideUnanswerable(
  folder: string,
  aside: string,
  challenger: Pick<Challenger, "client" | "now">,
): Promise<SetAside | null> {
  const kept = readState(folder, "challenge");
  if (kept === null) return null;
  const fault = await faultOf(folder, kept, challenger);
  if (fault === null) return null;
  const path = `${aside}-${kept.challenge.id.slice(0, 12)}`;
  if (existsSync(path)) throw new UserError(`${path} is in the way: move it elsewhere.`);
  makeFolder(dirname(path));
  renameSync(folder, path);
  return { path, reason: `The challenge of ${folder} ${fault}.` };
}

async function faultOf(
  folder: string,
  { challenge: { id, expiresAt } }: ChallengeDocument,
  { client, now }: Pick<Challenger, "client" | "now">,
): Promise<string | null> {
  try {
    const { outcome } = await client.get(`/v1/challenges/${id}`, ChallengeDocument);
    // The server may have the signed statement already, unacknowledged: submitting finds out.
    if (hasState(folder, "receipt") || hasState(folder, "submission")) return null;
    if (outcome !== null) return `is over (${outcome.outcome})`;
    return Date.parse(expiresAt) <= now() ? `expired at ${expiresAt}` : null;
  } catch (error) {
    if (error instanceof Unreachable) return null;
    const isForeign = error instanceof ServerRefusal && error.problem === "not-found";
    if (!isForeign) throw error;
    return `was not issued by the server at ${client.api}`;
  }
}
