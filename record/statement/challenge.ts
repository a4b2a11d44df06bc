/** @file A challenge: the server's answer to a commitment, public from the moment it is issued. */

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { Digest } from "../run.ts";
import type { Commitment } from "./statements.ts";

export const Challenge = z.strictObject({
  /** That of the commitment: SHA-256 of its payload bytes. */
  id: Digest,
  /** 32 bytes that the server drew after it had the commitment. */
  nonce: Digest,
  /** What `freshSeeds` makes of the two. */
  seeds: z.array(z.int().min(0)).max(64),
  issuedAt: z.iso.datetime(),
  /** Results arriving later are refused. */
  expiresAt: z.iso.datetime(),
});
export type Challenge = z.infer<typeof Challenge>;

/** A challenge with what it answers: all that is needed to judge a statement that claims to meet it. */
export interface IssuedChallenge {
  id: string;
  nonce: string;
  commitment: Commitment;
}

/** What the rules need of a challenge's document; null for a statement without a challenge. */
export function issuedChallenge(
  document: { challenge: Pick<Challenge, "id" | "nonce">; commitment: Commitment } | null,
): IssuedChallenge | null {
  if (document === null) return null;
  const { challenge, commitment } = document;
  return { id: challenge.id, nonce: challenge.nonce, commitment };
}

const SEED_BYTES = 6;

/**
 * Fresh seeds j = 0, 1, ..., count - 1, each below 2^48 (trust.md section 3).
 *
 * Seed j = HKDF-SHA-256 (RFC 5869) with input key material `nonce`, salt `id` and info `rademark/fresh/j`, 6 bytes,
 * big-endian.
 *
 * @param challenge.id SHA-256 of the commitment's payload bytes, in hexadecimal like the nonce.
 */
export function freshSeeds(challenge: { id: string; nonce: string }, count: number): number[] {
  const [nonce, salt] = [hexToBytes(challenge.nonce), hexToBytes(challenge.id)];
  return Array.from({ length: count }, (_, j) => {
    const bytes = hkdf(sha256, nonce, salt, utf8ToBytes(`rademark/fresh/${j}`), SEED_BYTES);
    return bytes.reduce((value, byte) => value * 256 + byte, 0);
  });
}
