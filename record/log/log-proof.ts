/** @file Proofs as documents: an entry is in the log, and the log has only grown. Checked without its holder. */

import { z } from "zod";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { decodeBase64 } from "../signature/base64.ts";
import {
  type Checkpoint,
  type OpenedCheckpoint,
  type VerifierKey,
  openCheckpoint,
} from "./checkpoint.ts";
import { leafHash, verifyConsistency, verifyInclusion } from "./merkle-tree.ts";
import { canonicalJson } from "../canonical-json.ts";
import { Digest } from "../run.ts";

/** Hashes of a proof in a tree of up to 2^53 leaves. */
const Hashes = z.array(z.string().length(44)).max(64);

/** What stands in the log: digests only, so that nothing personal can be in it for good. */
export const LogEntry = z.strictObject({
  kind: z.enum([
    "key",
    "challenge",
    "outcome",
    "result",
    "reproduction",
    "retraction",
    "moderation",
  ]),
  /** A statement's id; of what the server itself says, SHA-256 of the document's RFC 8785 form. */
  digest: Digest,
});

export const InclusionProof = z.strictObject({
  entry: LogEntry,
  index: z.int().min(0),
  /** Signed note; the proof leads to its root. */
  checkpoint: z.string().max(4096),
  /** Base64, from the leaf up. */
  hashes: Hashes,
});

export type InclusionProof = z.infer<typeof InclusionProof>;

export const ConsistencyProof = z.strictObject({
  /** Leaves of the older tree. */
  older: z.int().min(0),
  /** Signed note over the newer tree. */
  checkpoint: z.string().max(4096),
  hashes: Hashes,
});

export type ConsistencyProof = z.infer<typeof ConsistencyProof>;

export async function openInclusionProof(
  { entry, index, checkpoint, hashes }: InclusionProof,
  log: VerifierKey,
): Promise<OpenedCheckpoint> {
  const opened = await openCheckpoint(checkpoint, log);
  if (!opened.ok) return opened;
  const { size, root } = opened.checkpoint;
  const path = decodeHashes(hashes);
  if (path && verifyInclusion({ index, size, root }, logEntryHash(entry), path)) return opened;
  return { ok: false, reason: `no proof that the entry is leaf ${index} of ${size}` };
}

/** @param seen the checkpoint that was trusted last. */
export async function openConsistencyProof(
  { older, checkpoint, hashes }: ConsistencyProof,
  seen: Pick<Checkpoint, "size" | "root">,
  log: VerifierKey,
): Promise<OpenedCheckpoint> {
  const opened = await openCheckpoint(checkpoint, log);
  if (!opened.ok) return opened;
  const path = decodeHashes(hashes);
  const isGrown = older === seen.size && path && verifyConsistency(seen, opened.checkpoint, path);
  if (isGrown) return opened;
  const { size } = opened.checkpoint;
  return { ok: false, reason: `no proof that ${size} leaves begin with the ${seen.size} seen` };
}

function decodeHashes(hashes: readonly string[]): Uint8Array[] | null {
  const decoded = hashes.map(decodeBase64);
  return decoded.every((hash) => hash?.length === 32) ? (decoded as Uint8Array[]) : null;
}

export type LogEntry = z.infer<typeof LogEntry>;

/** The entry as the tree hashes it and entry bundles carry it. */
export function logEntryBytes(entry: LogEntry): Uint8Array {
  return utf8ToBytes(canonicalJson(LogEntry.parse(entry)));
}

export function logEntryHash(entry: LogEntry): Uint8Array {
  return leafHash(logEntryBytes(entry));
}

/** What a submitter gets back, always the same for the same statement. */
export const Receipt = z.strictObject({
  /** Id of the statement. */
  id: Digest,
  /** Index of its leaf, from 0. */
  index: z.int().min(0),
  /** A signed note over a tree that holds the leaf. */
  checkpoint: z.string().max(4096),
});

export type Receipt = z.infer<typeof Receipt>;
