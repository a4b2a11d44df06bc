/** @file The one digest of a JSON document, whoever writes it down. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "./canonical-json.ts";

/**
 * SHA-256, in hexadecimal, of a value's RFC 8785 form.
 *
 * @throws TypeError for what JSON cannot carry.
 */
export function canonicalDigest(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))));
}
