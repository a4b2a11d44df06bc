/** @file Ed25519 in JavaScript, where WebCrypto has none (RFC 8032 section 5.1). */

import { Point, getPublicKey, hashes, sign } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { equalBytes } from "./equal-bytes.ts";
import type { Ed25519 } from "./ed25519-backend.ts";
import { L, littleEndian } from "./ed25519-encoding.ts";

hashes.sha512 = sha512;

export const portableEd25519: Ed25519 = {
  publicKey: (seed) => Promise.resolve(getPublicKey(seed)),
  sign: (message, seed) => Promise.resolve(sign(message, seed)),
  equationHolds: (signature, message, key) =>
    Promise.resolve(equationHolds(signature, message, key)),
};

/** Section 5.1.7: the library's own check multiplies by the cofactor and so accepts more than WebCrypto does. */
function equationHolds(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  const A = pointOf(key);
  if (A === null) return false;
  const R = signature.subarray(0, 32);
  const S = littleEndian(signature.subarray(32));
  const k = littleEndian(sha512(concatBytes(R, key, message))) % L;
  const expected = Point.BASE.multiplyUnsafe(S).subtract(A.multiplyUnsafe(k)).toBytes();
  return equalBytes(expected, R);
}

/** Null when no point of the curve has this y. */
function pointOf(bytes: Uint8Array): Point | null {
  try {
    return Point.fromBytes(bytes);
  } catch {
    return null;
  }
}
