import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect, test } from "vitest";
import {
  type Envelope,
  openEnvelope,
  preAuthenticationEncoding,
  readEnvelope,
  sealBytes,
  sealEnvelope,
} from "../../../record/statement/envelope.ts";
import {
  type KeyStatement,
  type StatementKind,
  statementBytes,
} from "../../../record/statement/statements.ts";
import { aCommitment, aReproduction, aResult, alice, bob } from "../../world/statements.ts";

const at = "2026-01-02T03:04:05Z";
const retraction = { key: alice.key, statement: "5".repeat(64), reason: "wrong däta set" };
const bytesOf = (envelope: unknown) => utf8ToBytes(JSON.stringify(envelope));

async function refusalOf(envelope: unknown) {
  const opened = await readEnvelope(bytesOf(envelope));
  if (opened.ok) throw new Error("opened");
  return opened;
}

test("DSSE's own example of the pre-authentication encoding", () => {
  const encoded = preAuthenticationEncoding(
    "http://example.com/HelloWorld",
    utf8ToBytes("hello world"),
  );
  expect(new TextDecoder().decode(encoded)).toBe(
    "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
  );
});

/** Payload, signature and id as Python's `cryptography`, `json` and `hashlib` make them. */
test("an envelope made elsewhere is the same envelope", async () => {
  const envelope: Envelope = {
    payloadType: "application/vnd.rademark.retraction+json",
    payload:
      "eyJrZXkiOiI4YTg4ZTNkZDc0MDlmMTk1ZmQ1MmRiMmQzY2JhNWQ3MmNhNjcwOWJmMWQ5NDEyMWJmMzc0ODgwMWI0MGY2ZjVjIiwicmVhc29uIjoid3JvbmcgZMOkdGEgc2V0Iiwic3RhdGVtZW50IjoiNTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NSJ9",
    signatures: [
      {
        keyid: "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
        sig: "GsMUbtOR0gx+HNaNz8YgY/m4tgjBcrTdqeAAyALeohqDYVwdVDJCHtHdIwKLbv5mztE/x4Ma4Eo0sa42VtzpDQ==",
      },
    ],
  };
  expect(await sealEnvelope("retraction", retraction, [alice.seed])).toEqual(envelope);
  expect(await readEnvelope(bytesOf(envelope))).toMatchObject({
    ok: true,
    kind: "retraction",
    id: "6920262d5ed2ed2b739a883a04e075b117f324b7bdff418d49867a7083b7e164",
    statement: retraction,
  });
});

const rotation: KeyStatement = { action: "rotate", key: alice.key, next: bob.key, at };
test.each([
  ["result", aResult(), [alice.seed]],
  ["commitment", aCommitment(), [alice.seed]],
  ["reproduction", aReproduction().reproduction, [bob.seed]],
  ["retraction", retraction, [alice.seed]],
  ["key", { action: "register", key: alice.key, at }, [alice.seed]],
  ["key", { action: "name", key: alice.key, name: null, at }, [alice.seed]],
  ["key", { action: "revoke", key: alice.key, from: at, reason: "lost", at }, [alice.seed]],
  ["key", rotation, [bob.seed, alice.seed]],
] as const)("a %s is sealed and opened", async (kind, statement, seeds) => {
  const opened = await readEnvelope(bytesOf(await sealEnvelope(kind, statement, seeds)));
  expect(opened).toMatchObject({ ok: true, kind, statement });
  if (opened.ok)
    expect(bytesToHex(opened.payload)).toBe(bytesToHex(statementBytes(kind, statement)));
});

test("one bit flipped anywhere in an envelope's bytes, and nothing opens", async () => {
  const bytes = bytesOf(await sealEnvelope("retraction", retraction, [alice.seed]));
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect((await readEnvelope(flipped)).ok).toBe(false);
  }
});

test("the same payload under another payload type is refused", async () => {
  const envelope = await sealEnvelope("commitment", aCommitment(), [alice.seed]);
  const payloadType = "application/vnd.rademark.result+json";
  expect(await refusalOf({ ...envelope, payloadType })).toMatchObject({
    fault: "signature",
    problems: [{ code: "signature", pointer: "/signatures/0/sig" }],
  });
  expect(await refusalOf({ ...envelope, payloadType: "text/plain" })).toMatchObject({
    fault: "envelope",
    problems: [{ pointer: "/payloadType" }],
  });
});

test.each([
  ["another's key", [bob.seed]],
  ["two keys", [alice.seed, bob.seed]],
  ["the same key twice", [alice.seed, alice.seed]],
])("a statement under %s is not its signer's", async (_, seeds) => {
  const refusal = await refusalOf(await sealEnvelope("retraction", retraction, seeds));
  expect(refusal).toMatchObject({
    fault: "signature",
    problems: [{ code: "signers", pointer: "/signatures" }],
  });
});

test.each([
  ["the old key alone", [alice.seed], rotation],
  ["the new key alone", [bob.seed], rotation],
  ["one key twice", [alice.seed, alice.seed], { ...rotation, next: alice.key }],
])("a rotation under %s is refused", async (_, seeds, statement) => {
  const refusal = await refusalOf(await sealEnvelope("key", statement as KeyStatement, seeds));
  expect(refusal).toMatchObject({ fault: "signature", problems: [{ code: "signers" }] });
});

test("the bytes are verified before they are read", async () => {
  const envelope = await sealBytes("result", utf8ToBytes("{"), [alice.seed]);
  expect((await refusalOf(envelope)).fault).toBe("payload");
  const forged = { ...envelope, payload: "e30=" };
  expect((await refusalOf(forged)).fault).toBe("signature");
});

async function sealedText(kind: StatementKind, text: string) {
  return refusalOf(await sealBytes(kind, utf8ToBytes(text), [alice.seed]));
}

test("what is signed is read strictly: closed, without repeated members", async () => {
  const text = new TextDecoder().decode(statementBytes("retraction", retraction));
  expect(await sealedText("retraction", text.replace("{", '{"key":1,'))).toMatchObject({
    fault: "payload",
    problems: [{ code: "duplicate-member", pointer: "/key", rule: "every member once" }],
  });
  expect(await sealedText("retraction", text.replace("{", '{"rank":1,'))).toMatchObject({
    fault: "payload",
    problems: [{ code: "unrecognized_keys", pointer: "/rank", rule: "no such member", found: "1" }],
  });
  expect(await sealedText("retraction", `${text}0`)).toMatchObject({ fault: "payload" });
});

test.each([
  ["no object", []],
  ["a further member", { extra: 1 }],
  ["no signature", { signatures: [] }],
  ["payload in URL-safe base64", { payload: "-_-_" }],
  ["payload without padding", { payload: "e30" }],
  ["payload with bits behind its end", { payload: "e31=" }],
  ["payload with white space", { payload: "e30=\n\n\n\n" }],
])("an envelope with %s is refused", async (_, change) => {
  const envelope = await sealEnvelope("retraction", retraction, [alice.seed]);
  const broken = Array.isArray(change) ? change : { ...envelope, ...change };
  expect((await refusalOf(broken)).fault).toBe("envelope");
});

test.each(["", " padded ", "two\nlines", "bidi \u202e", "zero\u200bwidth", "e\u0301"])(
  "the reason %j is refused",
  async (reason) => {
    await expect(
      sealEnvelope("retraction", { ...retraction, reason }, [alice.seed]),
    ).rejects.toThrow();
  },
);

test("a source of more than 64 kB is refused, counted in bytes", async () => {
  const result = aResult();
  const sealed = (source: string) => sealEnvelope("result", { ...result, source }, [alice.seed]);
  await expect(sealed("é".repeat(32_768))).resolves.toBeDefined();
  await expect(sealed("é".repeat(32_769))).rejects.toThrow("65536");
});

test("a value that is no envelope at all is refused, whatever it is", async () => {
  for (const value of [null, 1, "x", [], {}, { payloadType: {} }])
    expect((await openEnvelope(value)).ok).toBe(false);
});
