/** @file The vectors as one list, each case with a name, so that runtimes can be compared. */

import { Point } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { L, littleEndian } from "../../../record/signature/ed25519-encoding.ts";
import {
  badPoints,
  bytes32,
  key,
  message,
  R,
  S,
  signature,
  smallOrder,
  VECTORS,
} from "./ed25519-vectors.ts";
import type { SignatureCase } from "./verdicts.ts";

function aCase(name: string, signature: Uint8Array, message: Uint8Array, key: Uint8Array) {
  const hex = {
    signature: bytesToHex(signature),
    message: bytesToHex(message),
    key: bytesToHex(key),
  };
  return { name, ...hex };
}

const official = VECTORS.map(([name, , key, message, signature]): SignatureCase => {
  return { name, signature, message, key };
});

/** One bit of signature, message or key. */
const flipped = [signature, message, key].flatMap((part, which) =>
  Array.from({ length: 8 * part.length }, (_, bit) => {
    const changed = Uint8Array.from(part);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    const [s, m, k] = [signature, message, key].with(which, changed);
    return aCase(`bit ${bit} of part ${which}`, s!, m!, k!);
  }),
);

const malleable = [1n, 2n, 4n, 8n].map((times) =>
  aCase(`S + ${times} L`, concatBytes(R, bytes32(S + times * L)), message, key),
);

const lengths = [0, 31, 32, 63, 65, 96].map((length) => {
  const other = Uint8Array.from({ length }, (_, i) => signature[i] ?? 0);
  return aCase(`${length} bytes`, other, message, key);
});

const smallKeys = badPoints.flatMap((point, i) =>
  Array.from({ length: 16 }, (_, text) => {
    const forged = concatBytes(point, new Uint8Array(32));
    return aCase(`key of small order ${i}, message ${text}`, forged, Uint8Array.of(text), point);
  }),
);

/** A key and an R, either with a part of small order: only the equation without the cofactor tells. */
const mixed = Array.from({ length: 64 }, (_, i) => {
  const [secret, nonce] = [777n, 4242n];
  const a = Point.BASE.multiply(secret)
    .add(smallOrder[i % 8]!)
    .toBytes();
  const r = Point.BASE.multiply(nonce)
    .add(smallOrder[i >> 3]!)
    .toBytes();
  const text = Uint8Array.of(i);
  const k = littleEndian(sha512(concatBytes(r, a, text))) % L;
  const forged = concatBytes(r, bytes32((nonce + k * secret) % L));
  return aCase(`parts of small order ${i % 8} and ${i >> 3}`, forged, text, a);
});

const nowhere = [2n, 7n, 8n, 11n].flatMap((y) => [
  aCase(`key with y = ${y}`, signature, message, bytes32(y)),
  aCase(`R with y = ${y}`, concatBytes(bytes32(y), bytes32(S)), message, key),
]);

export const SIGNATURE_CASES: readonly SignatureCase[] = [
  ...official,
  ...flipped,
  ...malleable,
  ...lengths,
  ...smallKeys,
  ...mixed,
  ...nowhere,
];
