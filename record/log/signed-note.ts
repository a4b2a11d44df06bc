/** @file Text with Ed25519 signatures below it (C2SP signed-note): how a log signs its checkpoints. */

import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { decodeBase64, encodeBase64 } from "../signature/base64.ts";
import { publicKeyOf, sign, verify } from "../signature/ed25519.ts";
import { isKeyName, verifierKey, type VerifierKey } from "./verifier-key.ts";

interface NoteSignature {
  name: string;
  keyId: string;
  signature: Uint8Array;
}

export type OpenedNote = { ok: true; text: string } | { ok: false; reason: string };

const MOST_SIGNATURES = 100;
/** Control characters other than the line feed. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/**
 * @param text ends with a line feed.
 * @returns the note with one signature line.
 */
export async function signNote(text: string, name: string, seed: Uint8Array): Promise<string> {
  if (!text.endsWith("\n") || CONTROL.test(text) || !text.isWellFormed())
    throw new RangeError("a note is lines of text");
  const { keyId } = verifierKey(name, await publicKeyOf(seed));
  const signature = await sign(utf8ToBytes(text), seed);
  return `${text}\n— ${name} ${encodeBase64(concatBytes(hexToBytes(keyId), signature))}\n`;
}

/** The text, once one known key has signed it and no signature in the name of a known key is bad. */
export async function openNote(note: string, known: readonly VerifierKey[]): Promise<OpenedNote> {
  const parsed = parseNote(note);
  if (parsed === null) return { ok: false, reason: "not a signed note" };
  const message = utf8ToBytes(parsed.text);
  let verified = 0;
  for (const { name, keyId, signature } of parsed.signatures) {
    const key = known.find((each) => each.name === name && each.keyId === keyId);
    if (!key) continue; // others' signatures say nothing to us
    if (!(await verify(signature, message, key.publicKey)))
      return { ok: false, reason: `the signature of ${name} is not of this text` };
    verified += 1;
  }
  if (verified > 0) return { ok: true, text: parsed.text };
  return { ok: false, reason: `not signed by ${known.map(({ name }) => name).join(" or ")}` };
}

/** The signatures stand behind the last empty line. */
function parseNote(note: string): { text: string; signatures: NoteSignature[] } | null {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n") || CONTROL.test(note) || !note.isWellFormed()) return null;
  const lines = note.slice(end + 2, -1).split("\n");
  const signatures = lines.slice(0, MOST_SIGNATURES + 1).map(parseSignature);
  if (lines.length > MOST_SIGNATURES || signatures.includes(null)) return null;
  return { text: note.slice(0, end + 1), signatures: signatures as NoteSignature[] };
}

function parseSignature(line: string): NoteSignature | null {
  const [, name = "", base64 = ""] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  const bytes = decodeBase64(base64);
  if (!isKeyName(name) || bytes === null || bytes.length < 5) return null;
  return { name, keyId: bytesToHex(bytes.subarray(0, 4)), signature: bytes.slice(4) };
}
