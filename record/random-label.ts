/** @file The random labels: a pure function of (seed, label space, draw, sample), the same on every platform. */

import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

const WORD = 2 ** 32;

/** The 32-byte digest of ASCII text. */
export type Sha256 = (text: string) => Uint8Array;

const portableSha256: Sha256 = (text) => nobleSha256(utf8ToBytes(text));

/**
 * `random-label`s are told to the heads. `unseen-label`s never are: they are what a trained head is scored against, as a
 * negative control. `redraw`s meet no head at all: refits are made for them.
 */
export type LabelKind = "random-label" | "unseen-label" | "redraw";

/**
 * Labels in [0, n), shape [indices], in the order of `indices` (method.md section 2).
 *
 * h = the first 8 bytes, big-endian, of SHA-256 of `rademark/KIND/SEED/n/draw/i/ATTEMPT`; the first ATTEMPT
 * from 0 with h < n floor(2^64/n) decides, and the label is h mod n, so it has no modulo bias.
 *
 * @param request.indices positions in the full official training set, not in the subset.
 * @param request.sha256 a faster SHA-256 where the platform has one.
 * @example randomLabels({ seed: 1, n: 10, draw: 0, indices: [0, 1, 2], kind: "random-label" }) // [2, 0, 4]
 */
export function randomLabels(request: {
  seed: number;
  n: number;
  draw: number;
  indices: Iterable<number>;
  kind: LabelKind;
  sha256?: Sha256;
}): Int32Array {
  const { seed, n, draw, indices, kind, sha256 = portableSha256 } = request;
  const prefix = `rademark/${kind}/${seed}/${n}/${draw}`;
  return Int32Array.from(indices, (i) => firstAccepted(`${prefix}/${i}`, n, sha256));
}

/** In 32-bit halves, as n < 2^21 keeps every product below 2^53. */
function firstAccepted(prefix: string, n: number, sha256: Sha256): number {
  const wordModN = WORD % n;
  const refused = (wordModN * wordModN) % n; // 2^64 mod n: so many of the largest h are refused
  for (let attempt = 0; ; attempt++) {
    const digest = sha256(`${prefix}/${attempt}`);
    const view = new DataView(digest.buffer, digest.byteOffset, 8);
    const [high, low] = [view.getUint32(0), view.getUint32(4)];
    if (high === WORD - 1 && low >= WORD - refused) continue;
    return ((high % n) * wordModN + (low % n)) % n;
  }
}
