/** @file Proofs as documents: an entry is in the log, and the log has only grown. Checked without its holder. */

import { z } from "zod";
import { decodeBase64 } from "../signature/base64.ts";
import { openCheckpoint, type Checkpoint, type OpenedCheckpoint } from "./checkpoint.ts";
import { LogEntry, logEntryHash } from "./log-entry.ts";
import { verifyConsistency, verifyInclusion } from "./merkle-proof.ts";
import type { VerifierKey } from "./verifier-key.ts";

/** Of a tree of up to 2^53 leaves. */
const Hashes = z.array(z.string().length(44)).max(64);

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
