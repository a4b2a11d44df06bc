/** @file Ed25519 (RFC 8032), strict, with the same verdict on every platform. */

import { z } from "zod";
import { hexToBytes } from "@noble/hashes/utils.js";
import type { Ed25519 } from "./ed25519-backend.ts";
import { isStrictPoint, isStrictSignature } from "./ed25519-encoding.ts";
import { platformEd25519 } from "./ed25519-platform.ts";
import { portableEd25519 } from "./ed25519-portable.ts";

let chosen: Ed25519 | undefined;

/** WebCrypto where it has the algorithm, else JavaScript. No promise is kept: Workers' requests may not share one. */
export async function ed25519(): Promise<Ed25519> {
  return (chosen ??= (await platformEd25519()) ?? portableEd25519);
}

/** A public key in lower-case hexadecimal; also its holder's id. */
export const PublicKey = z
  .string()
  .regex(/^[0-9a-f]{64}$/, { abort: true })
  .refine((hex) => isStrictPoint(hexToBytes(hex)), {
    message: "an Ed25519 key in canonical form, not of small order",
  });

/** 32 bytes of the platform's randomness. */
export function createSeed(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}

export async function publicKeyOf(seed: Uint8Array): Promise<Uint8Array> {
  return (await ed25519()).publicKey(seed);
}

export async function sign(message: Uint8Array, seed: Uint8Array): Promise<Uint8Array> {
  return (await ed25519()).sign(message, seed);
}

/**
 * False for every bad signature or key, of whatever length; never throws for one.
 *
 * @param backend for tests; the platform's choice otherwise.
 */
export async function verify(
  signature: Uint8Array,
  message: Uint8Array,
  key: Uint8Array,
  backend?: Ed25519,
): Promise<boolean> {
  if (!isStrictPoint(key) || !isStrictSignature(signature)) return false;
  return (backend ?? (await ed25519())).equationHolds(signature, message, key);
}
