/** @file A folder's commitment: what will be trained in it, signed and kept before anybody can know the seeds. */

import { bytesToHex } from "@noble/hashes/utils.js";
import { canonicalJson } from "../../record/canonical-json.ts";
import type { Configuration } from "../../record/configuration.ts";
import { createSeed } from "../../record/signature/ed25519.ts";
import type { Commitment } from "../../record/statement/statements.ts";
import { type Envelope, sealEnvelope } from "../../record/statement/envelope.ts";
import { EXIT, UserError } from "../errors.ts";
import { openState, writeState } from "./folder-state.ts";
import type { Signer } from "./signer.ts";

/** All of a commitment but the bytes that make it one of its own. */
export type Intent = Omit<Commitment, "unique">;

/**
 * @param harness version of the harness that trains.
 * @param reproduces id of the entry; null for a result of one's own.
 */
export function intentOf(
  { protocolId, arch, regs }: Pick<Configuration, "protocolId" | "arch" | "regs">,
  { key, harness, reproduces }: { key: string; harness: string; reproduces: string | null },
): Intent {
  return { key, protocol: protocolId, arch, regs, source: null, harness, reproduces };
}

/**
 * The folder's own commitment, made and written where there is none yet: a retry sends the same bytes, so that
 * one attempt never costs two challenges.
 *
 * @throws UserError when the folder is committed to something else.
 */
export async function keptCommitment(
  folder: string,
  intent: Intent,
  signer: Signer,
): Promise<Envelope> {
  const kept = await openState(folder, "commitment", "commitment");
  if (kept !== null) {
    requireSameIntent(folder, kept.statement, intent);
    return kept.envelope;
  }
  // Whoever knew it could not learn anything: it only has to differ from all others.
  const unique = bytesToHex(createSeed());
  const { seed } = await signer.unlock();
  const envelope = await sealEnvelope("commitment", { ...intent, unique }, [seed]);
  writeState(folder, "commitment", envelope);
  return envelope;
}

/** @throws UserError naming what differs. */
export function requireSameIntent(folder: string, committed: Commitment, intent: Intent): void {
  const names = Object.keys(intent) as (keyof Intent)[];
  const differences = names.filter(
    (name) => canonicalJson(committed[name]) !== canonicalJson(intent[name]),
  );
  if (differences.length === 0) return;
  const lines = differences.map(
    (name) => `  ${name}: there ${committed[name] ?? "none"}, now ${intent[name] ?? "none"}`,
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
