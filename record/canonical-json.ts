/** @file The canonical byte sequence of a JSON value: RFC 8785, JSON Canonicalization Scheme. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";

/**
 * Numbers as ECMAScript writes them (section 3.2.2.3; -0 becomes 0), strings with the shortest escapes
 * (3.2.2.2), members sorted by UTF-16 code units (3.2.3), no white space (3.2.1).
 *
 * @throws TypeError for what JSON cannot carry: NaN, Infinity, lone surrogates, undefined, functions.
 * @example canonicalJson({ b: 1, a: [true, null] }) // {"a":[true,null],"b":1}
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string" && value.isWellFormed()) return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(",")}]`;
  if (typeof value !== "object")
    throw new TypeError(`canonical JSON cannot carry ${JSON.stringify(value) ?? typeof value}`);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]) => `${canonicalJson(key)}:${canonicalJson(item)}`).join(",")}}`;
}

/**
 * SHA-256, in hexadecimal, of a value's RFC 8785 form.
 *
 * @throws TypeError for what JSON cannot carry.
 */
export function canonicalDigest(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))));
}

/** Fewer digits would match too many ids. */
const FEWEST_DIGITS = 8;

/** The first digits of an id, or all of them, in lower case. */
export const ShortId = z.string().regex(new RegExp(`^[0-9a-f]{${FEWEST_DIGITS},64}$`));

export const isShortId = (text: string): boolean => ShortId.safeParse(text).success;
