import { Point } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { describe, expect, test } from "vitest";
import { PublicKey, verify } from "../../../record/signature/ed25519.ts";
import type { Ed25519 } from "../../../record/signature/ed25519-backend.ts";
import { L, littleEndian } from "../../../record/signature/ed25519-encoding.ts";
import { platformEd25519 } from "../../../record/signature/ed25519-platform.ts";
import { portableEd25519 } from "../../../record/signature/ed25519-portable.ts";

const backends: [string, Ed25519][] = [
  ["WebCrypto", (await platformEd25519())!],
  ["JavaScript", portableEd25519],
];
const P = 2n ** 255n - 19n;

function bytes32(value: bigint): Uint8Array {
  return hexToBytes(value.toString(16).padStart(64, "0")).reverse();
}

async function verdicts(signature: Uint8Array, message: Uint8Array, key: Uint8Array) {
  return Promise.all(backends.map(([, backend]) => verify(signature, message, key, backend)));
}

/** RFC 8032 section 7.1: seed, public key, message, signature. */
const VECTORS: [string, string, string, string, string][] = [
  [
    "TEST 1",
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "TEST 2",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "TEST 3",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
  [
    "TEST SHA(abc)",
    "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  ],
];

describe.each(backends)("%s", (_, backend) => {
  test.each(VECTORS)("RFC 8032 %s", async (_name, seed, key, message, signature) => {
    expect(bytesToHex(await backend.publicKey(hexToBytes(seed)))).toBe(key);
    expect(bytesToHex(await backend.sign(hexToBytes(message), hexToBytes(seed)))).toBe(signature);
    const parts = [signature, message, key].map(hexToBytes) as [Uint8Array, Uint8Array, Uint8Array];
    expect(await verify(...parts, backend)).toBe(true);
  });
});

const [, , keyHex, messageHex, signatureHex] = VECTORS[2]!;
const [key, message, signature] = [keyHex, messageHex, signatureHex].map(hexToBytes) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const [R, S] = [signature.subarray(0, 32), littleEndian(signature.subarray(32))];

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

/** The points whose order divides 8: multiples of one of order 8. */
const generator = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
const smallOrder = Array.from({ length: 8 }, (_, i) => generator.multiplyUnsafe(BigInt(i)));
/** Their 8 canonical encodings; y + p where it fits, and x = 0 with its sign bit set. */
const NON_CANONICAL_Y = [P, P + 1n, 2n ** 255n - 1n];
const signBit = 2n ** 255n;
const badPoints = [
  ...smallOrder.map((point) => point.toBytes()),
  ...NON_CANONICAL_Y.flatMap((y) => [bytes32(y), bytes32(y + signBit)]),
  ...[1n, P - 1n].map((y) => bytes32(y + signBit)),
];

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
