import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect, test } from "vitest";
import {
  formatCheckpoint,
  formatVerifierKey,
  openCheckpoint,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  signCheckpoint,
  signNote,
  verifierKey,
} from "../../../record/log/checkpoint.ts";
import { decodeBase64, encodeBase64 } from "../../../record/signature/base64.ts";
import { publicKeyOf, sign } from "../../../record/signature/ed25519.ts";

/** The example of Go's golang.org/x/mod/sumdb/note, whose format C2SP took over. */
const TEXT =
  "If you think cryptography is the answer to your problem,\n" +
  "then you don't know what your problem is.\n";
const NOTE =
  TEXT +
  "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SEED = decodeBase64("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")!.slice(1);
const peter = parseVerifierKey(KEY)!;
const stranger = verifierKey("example.org/log", await publicKeyOf(new Uint8Array(32)));

test("Go's signed note is opened, and signed the same", async () => {
  expect(await openNote(NOTE, [stranger, peter])).toEqual({ ok: true, text: TEXT });
  expect(await signNote(TEXT, "PeterNeumann", SEED)).toBe(NOTE);
  expect(formatVerifierKey(verifierKey("PeterNeumann", await publicKeyOf(SEED)))).toBe(KEY);
});

test("signatures of strangers are ignored, a bad one of a known key is not", async () => {
  const line = (await signNote(TEXT, stranger.name, new Uint8Array(32))).slice(TEXT.length + 1);
  expect(await openNote(NOTE + line, [peter])).toEqual({ ok: true, text: TEXT });
  expect(await openNote(NOTE + line, [peter, stranger])).toEqual({ ok: true, text: TEXT });
  expect(await openNote(`${TEXT}\n${line}`, [peter])).toMatchObject({
    reason: "not signed by PeterNeumann",
  });
  const bad = NOTE.replace("x08go/Z", "x08go/a");
  expect(await openNote(bad + line, [peter, stranger])).toMatchObject({
    reason: "the signature of PeterNeumann is not of this text",
  });
});

test("a key id alone is not enough: another key's name may share it", async () => {
  const namesake = { ...peter, name: "PaulNeumann" };
  expect(await openNote(NOTE, [namesake])).toMatchObject({ reason: "not signed by PaulNeumann" });
});

test("a control character is refused, though signed", async () => {
  const text = "a\ttab\n";
  const bytes = concatBytes(hexToBytes(peter.keyId), await sign(utf8ToBytes(text), SEED));
  const note = `${text}\n— PeterNeumann ${encodeBase64(bytes)}\n`;
  expect(await openNote(note, [peter])).toEqual({ ok: false, reason: "not a signed note" });
  await expect(signNote(text, "PeterNeumann", SEED)).rejects.toThrow(RangeError);
});

test.each([
  ["a changed text", NOTE.replace("answer", "Answer")],
  ["no empty line", NOTE.replace("\n\n", "\n")],
  ["no end of line", NOTE.slice(0, -1)],
  ["no signature", `${TEXT}\n`],
  ["a hyphen for the dash", NOTE.replace("—", "-")],
  ["text behind the signature", `${NOTE}more\n`],
  ["a carriage return", NOTE.replace("problem,\n", "problem,\r\n")],
  ["a signature without padding", NOTE.replace("AM=", "AM")],
  ["a key id without a signature", `${TEXT}\n— PeterNeumann x08gow==\n`],
  ["too many signatures", NOTE + NOTE.split("\n").at(-2)!.concat("\n").repeat(100)],
  ["a lone surrogate", NOTE.replace("problem", "\ud800")],
])("a note with %s is refused", async (_, note) => {
  expect((await openNote(note, [peter])).ok).toBe(false);
});

test.each([
  ["another key id", KEY.replace("c74f20a3", "c74f20a4")],
  ["another name", KEY.replace("Neumann", "Newman")],
  ["another algorithm", KEY.replace("+ARpc", "+Ahpc")],
  ["a key cut short", KEY.slice(0, -4)],
  ["a space in its name", KEY.replace("PeterN", "Peter N")],
  ["no name", KEY.replace("PeterNeumann", "")],
  ["nothing", ""],
])("a verifier key with %s is refused", (_, text) => {
  expect(parseVerifierKey(text)).toBeNull();
});

test("names with a space or a plus are no names of keys", () => {
  for (const name of ["a b", "a+b", "", "a\u0085b", "a\u00a0b", "a\nb"])
    expect(() => verifierKey(name, peter.publicKey)).toThrow(RangeError);
});

const root = new Uint8Array(32).fill(3);
const checkpoint = { origin: "example.org/log", size: 20_852_163, root };

test("a checkpoint is three lines and a signature", async () => {
  expect(formatCheckpoint({ ...checkpoint, root: new Uint8Array(32) })).toBe(
    "example.org/log\n20852163\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
  );
  const note = await signCheckpoint(checkpoint, new Uint8Array(32));
  expect(await openCheckpoint(note, stranger)).toEqual({ ok: true, checkpoint });
  expect((await openCheckpoint(note, peter)).ok).toBe(false);
  expect((await openCheckpoint(note.replace("20852163", "20852164"), stranger)).ok).toBe(false);
});

test("further lines are left out, and an empty tree has size 0", () => {
  const text = formatCheckpoint({ ...checkpoint, size: 0 });
  expect(parseCheckpoint(`${text}extension\n`)).toEqual({ ...checkpoint, size: 0 });
});

test.each([
  ["a leading zero", "a\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"],
  ["a sign", "a\n+1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"],
  ["too large a size", "a\n9007199254740992\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"],
  ["a short root", "a\n1\nAAAA\n"],
  ["no origin", "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"],
  ["an empty line", "a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nx\n"],
  ["two lines", "a\n1\n"],
])("%s is no checkpoint", async (_, text) => {
  expect(parseCheckpoint(text)).toBeNull();
  const note = await signNote(text, stranger.name, new Uint8Array(32));
  expect((await openCheckpoint(note, stranger)).ok).toBe(false);
});

test("a checkpoint of another log under this log's key is refused", async () => {
  const note = await signNote(
    formatCheckpoint({ ...checkpoint, origin: "example.org/other" }),
    stranger.name,
    new Uint8Array(32),
  );
  expect(await openCheckpoint(note, stranger)).toEqual({
    ok: false,
    reason: "a checkpoint of example.org/other, not of example.org/log",
  });
});
