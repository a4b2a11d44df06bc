/** @file An entry's file with the small log that holds it, for tests. */

import { canonicalDigest } from "../../../record/canonical-json.ts";
import type { ChallengeDocument } from "../../../record/answers/documents.ts";
import type { EntryFile } from "../../../record/answers/entry-file.ts";
import { formatVerifierKey, signCheckpoint, verifierKey } from "../../../record/log/checkpoint.ts";
import {
  type InclusionProof,
  type LogEntry,
  logEntryBytes,
} from "../../../record/log/log-proof.ts";
import { consistencyProof, inclusionProof, treeRoot } from "../../../record/log/merkle-tree.ts";
import { encodeBase64 } from "../../../record/signature/base64.ts";
import { publicKeyOf } from "../../../record/signature/ed25519.ts";
import { type IssuedChallenge, freshSeeds } from "../../../record/statement/challenge.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import {
  type Statement,
  statementBytes,
  statementId,
} from "../../../record/statement/statements.ts";
import { grow } from "../log/trees.ts";
import { micro } from "../../world/runs.ts";

const logSeed = new Uint8Array(32).fill(9);
const origin = "localhost/rademark";
export const log = verifierKey(origin, await publicKeyOf(logSeed));

const other = (i: number): LogEntry => ({ kind: "key", digest: i.toString(16).repeat(64) });

/** The challenge stands at leaf 2, the statement at leaf 5 of 8 (or of `size`). */
export async function anEntryFile<Kind extends "result" | "reproduction">(
  kind: Kind,
  statement: Statement<Kind>,
  issued: IssuedChallenge | null,
  seed: Uint8Array,
  sizes: { size?: number; seen?: number } = {},
) {
  const { size = 8, seen = 3 } = sizes;
  const id = statementId(statementBytes(kind, statement));
  const challenge = issued && {
    id: issued.id,
    nonce: issued.nonce,
    seeds: freshSeeds(issued, micro.freshSeeds),
    issuedAt: "2026-01-01T00:00:00Z",
    expiresAt: "2026-01-08T00:00:00Z",
  };
  const entries = Array.from({ length: 12 }, (_, i) => other(i));
  if (challenge) entries[2] = { kind: "challenge", digest: canonicalDigest(challenge) };
  entries[5] = { kind, digest: id };
  const tree = grow(entries.map(logEntryBytes));
  const signedAt = (leaves: number) =>
    signCheckpoint({ origin, size: leaves, root: treeRoot(leaves, tree) }, logSeed);
  const [older, newer] = [Math.min(seen, size), Math.max(seen, size)];
  const document: ChallengeDocument | null = challenge && {
    challenge,
    commitment: issued.commitment,
    envelope: await sealEnvelope("commitment", issued.commitment, [seed]),
    outcome: {
      challenge: challenge.id,
      outcome: "completed",
      statement: id,
      reason: null,
      at: "2026-01-02T00:00:00Z",
    },
    receipt: { id: challenge.id, index: 2, checkpoint: await signedAt(3) },
  };
  const proofOf = async (index: number): Promise<InclusionProof> => ({
    entry: entries[index]!,
    index,
    checkpoint: await signedAt(size),
    hashes: inclusionProof(index, size, tree).map(encodeBase64),
  });
  const file: EntryFile = {
    rademark: "entry",
    version: 1,
    envelope: await sealEnvelope(kind, statement, [seed]),
    challenge: document,
    challengeProof: challenge && (await proofOf(2)),
    proof: await proofOf(5),
    consistency: {
      older,
      checkpoint: await signedAt(newer),
      hashes: consistencyProof(older, newer, tree).map(encodeBase64),
    },
    verifierKey: formatVerifierKey(log),
  };
  return { file, id, proofOf, signedAt, seen: { size: seen, root: treeRoot(seen, tree) } };
}
