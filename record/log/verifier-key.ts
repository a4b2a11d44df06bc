/** @file The public key of a signed note's signer, as text: `NAME+KEYID+KEY` (C2SP signed-note). */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { decodeBase64, encodeBase64 } from "../signature/base64.ts";
import { isStrictPoint } from "../signature/ed25519-encoding.ts";

export interface VerifierKey {
  /** Neither space nor plus; of a log, its origin. */
  name: string;
  /** 8 hexadecimal digits: with the name it tells which signature lines are this key's. */
  keyId: string;
  publicKey: Uint8Array;
}

/** The format's number for Ed25519. */
const ED25519 = 1;
const NAME = /^[^\s\u0085+]+$/u;

export function isKeyName(name: string): boolean {
  return NAME.test(name) && name.isWellFormed();
}

/** @throws RangeError for a name with a space or a plus. */
export function verifierKey(name: string, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw new RangeError(`${name}: a key's name has no space and no plus`);
  const digest = sha256(concatBytes(utf8ToBytes(`${name}\n`), Uint8Array.of(ED25519), publicKey));
  return { name, keyId: bytesToHex(digest.subarray(0, 4)), publicKey };
}

export function formatVerifierKey({ name, keyId, publicKey }: VerifierKey): string {
  return `${name}+${keyId}+${encodeBase64(concatBytes(Uint8Array.of(ED25519), publicKey))}`;
}

/** Null for what is no Ed25519 key, or whose key id does not fit. */
export function parseVerifierKey(text: string): VerifierKey | null {
  const [, name = "", keyId, material = ""] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/.exec(text) ?? [];
  const bytes = decodeBase64(material);
  if (!isKeyName(name) || bytes?.[0] !== ED25519 || !isStrictPoint(bytes.subarray(1))) return null;
  const key = verifierKey(name, bytes.slice(1));
  return key.keyId === keyId ? key : null;
}
