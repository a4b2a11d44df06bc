import { Point } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { describe, expect, test } from "vitest";
import { PublicKey, verify } from "../../../record/signature/ed25519.ts";
import type { Ed25519 } from "../../../record/signature/ed25519-backend.ts";
import { L, littleEndian } from "../../../record/signature/ed25519-encoding.ts";
import { platformEd25519 } from "../../../record/signature/ed25519-platform.ts";
import { portableEd25519 } from "../../../record/signature/ed25519-portable.ts";
import {
  badPoints,
  bytes32,
  key,
  keyHex,
  message,
  R,
  S,
  signature,
  smallOrder,
  VECTORS,
} from "./ed25519-vectors.ts";

const backends: [string, Ed25519][] = [
  ["WebCrypto", (await platformEd25519())!],
  ["JavaScript", portableEd25519],
];
async function verdicts(signature: Uint8Array, message: Uint8Array, key: Uint8Array) {
  return Promise.all(backends.map(([, backend]) => verify(signature, message, key, backend)));
}

describe.each(backends)("%s", (_, backend) => {
  test.each(VECTORS)("RFC 8032 %s", async (_name, seed, key, message, signature) => {
    expect(bytesToHex(await backend.publicKey(hexToBytes(seed)))).toBe(key);
    expect(bytesToHex(await backend.sign(hexToBytes(message), hexToBytes(seed)))).toBe(signature);
    const parts = [signature, message, key].map(hexToBytes) as [Uint8Array, Uint8Array, Uint8Array];
    expect(await verify(...parts, backend)).toBe(true);
  });
});

test("every single flipped bit of signature, message or key is refused by both", async () => {
  for (const part of [0, 1, 2]) {
    const original = [signature, message, key][part]!;
    for (let bit = 0; bit < original.length * 8; bit++) {
      const flipped = Uint8Array.from(original);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const parts = [signature, message, key].with(part, flipped);
      expect(await verdicts(parts[0]!, parts[1]!, parts[2]!)).toEqual([false, false]);
    }
  }
});

test.each([1n, 2n, 4n, 8n])("S + %i L, the same scalar, is refused by both", async (times) => {
  const malleable = concatBytes(R, bytes32(S + times * L));
  expect(await verdicts(malleable, message, key)).toEqual([false, false]);
});

test.each([0, 31, 32, 63, 65, 96])("a signature of %i bytes is refused", async (length) => {
  const other = Uint8Array.from({ length }, (_, i) => signature[i] ?? 0);
  expect(await verdicts(other, message, key)).toEqual([false, false]);
  expect(await verdicts(signature, message, other.subarray(0, 31))).toEqual([false, false]);
});

test("there are eight points of small order, all refused as keys", () => {
  expect(new Set(smallOrder.map((point) => point.toHex())).size).toBe(8);
  for (const point of badPoints) expect(PublicKey.safeParse(bytesToHex(point)).success).toBe(false);
  expect(PublicKey.safeParse(keyHex).success).toBe(true);
  expect(PublicKey.safeParse("no hexadecimal").success).toBe(false);
});

test("a key of small order verifies nothing, though its equation may hold", async () => {
  for (const point of badPoints) {
    // R = A and S = 0 satisfies [S]B = R + [k]A for about one message in eight
    for (let i = 0; i < 16; i++) {
      const forged = concatBytes(point, new Uint8Array(32));
      expect(await verdicts(forged, Uint8Array.of(i), point)).toEqual([false, false]);
    }
  }
});

test("an R of small order is refused by both, though the equation holds", async () => {
  const secret = 12345n;
  const A = Point.BASE.multiply(secret);
  for (const point of smallOrder) {
    const r = point.toBytes();
    const k = littleEndian(sha512(concatBytes(r, A.toBytes(), message))) % L;
    const forged = concatBytes(r, bytes32((k * secret) % L));
    expect(await verdicts(forged, message, A.toBytes())).toEqual([false, false]);
    if (!point.is0()) continue;
    expect(await portableEd25519.equationHolds(forged, message, A.toBytes())).toBe(true);
  }
});

test("keys and R with a part of small order get the same verdict: the equation without the cofactor", async () => {
  const [secret, nonce] = [777n, 4242n];
  const seen = new Set<string>();
  for (let i = 0; i < 48; i++) {
    const A = Point.BASE.multiply(secret).add(smallOrder[i % 8]!);
    const mixed = Point.BASE.multiply(nonce).add(smallOrder[(3 * i) % 8]!);
    const [a, r, text] = [A.toBytes(), mixed.toBytes(), Uint8Array.of(i)];
    const k = littleEndian(sha512(concatBytes(r, a, text))) % L;
    const both = await verdicts(concatBytes(r, bytes32((nonce + k * secret) % L)), text, a);
    expect(both[0]).toBe(both[1]);
    seen.add(String(both[0]));
  }
  expect([...seen].sort()).toEqual(["false", "true"]);
});

test("a y of no point is refused by both", async () => {
  const nowhere = [2n, 7n, 8n, 11n].map(bytes32).filter((point) => {
    try {
      return !Point.fromBytes(point);
    } catch {
      return true;
    }
  });
  expect(nowhere.length).toBeGreaterThan(0);
  for (const point of nowhere) {
    expect(await verdicts(signature, message, point)).toEqual([false, false]);
    const forged = concatBytes(point, bytes32(S));
    expect(await verdicts(forged, message, key)).toEqual([false, false]);
  }
});
