import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect, test } from "vitest";
import { freshSeeds } from "../../../record/statement/challenge.ts";

/** HKDF-SHA-256 as Python's `cryptography` computes it, checked against its `hmac`. */
test("fresh seeds are HKDF-SHA-256 of the nonce, salted with the commitment", () => {
  const id = bytesToHex(sha256(utf8ToBytes('{"commitment":1}')));
  const nonce = bytesToHex(Uint8Array.from({ length: 32 }, (_, i) => i));
  const expected = [77095512344934, 262131515057556, 44790880124650, 36670671285049];
  expect(freshSeeds({ id, nonce }, 4)).toEqual(expected);
  expect(freshSeeds({ id, nonce }, 2)).toEqual(expected.slice(0, 2));
  expect(freshSeeds({ id, nonce }, 0)).toEqual([]);
});

test.each([
  ["00", [135826980311254, 260350979823831]],
  ["ff", [193516800189105, 175105775067669]],
])("a nonce of 32 bytes %s and a salt of zeros", (byte, seeds) => {
  expect(freshSeeds({ id: "0".repeat(64), nonce: byte.repeat(32) }, 2)).toEqual(seeds);
});

test("every seed is a whole number below 2^48", () => {
  for (const seed of freshSeeds({ id: "1".repeat(64), nonce: "2".repeat(64) }, 64)) {
    expect(Number.isSafeInteger(seed)).toBe(true);
    expect(seed).toBeLessThan(2 ** 48);
  }
});
