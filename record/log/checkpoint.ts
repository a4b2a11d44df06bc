/** @file A log's signed size and root (C2SP tlog-checkpoint): all that need be kept to notice rewritten history. */

import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { decodeBase64, encodeBase64 } from "../signature/base64.ts";
import { publicKeyOf, sign, verify } from "../signature/ed25519.ts";
import { isStrictPoint } from "../signature/ed25519-encoding.ts";

export interface Checkpoint {
  /** Which log; also the name of its key. */
  origin: string;
  /** Leaves in the tree. */
  size: number;
  /** 32 bytes. */
  root: Uint8Array;
}

export type OpenedCheckpoint = { ok: true; checkpoint: Checkpoint } | { ok: false; reason: string };

/** Three lines: origin, size in decimal, root in base64. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

const TEXT = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([^\n]+)\n(?:[^\n]+\n)*$/;

/** Null for text that is not a checkpoint; lines after the root are ignored. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [, origin, size, base64] = TEXT.exec(text) ?? [];
  const root = base64 === undefined ? null : decodeBase64(base64);
  if (origin === undefined || root?.length !== 32 || !Number.isSafeInteger(Number(size)))
    return null;
  return { origin, size: Number(size), root };
}

/** The signed note; the key's name is the origin. */
export function signCheckpoint(checkpoint: Checkpoint, seed: Uint8Array): Promise<string> {
  return signNote(formatCheckpoint(checkpoint), checkpoint.origin, seed);
}

export async function openCheckpoint(note: string, log: VerifierKey): Promise<OpenedCheckpoint> {
  const opened = await openNote(note, [log]);
  if (!opened.ok) return opened;
  const checkpoint = parseCheckpoint(opened.text);
  if (checkpoint === null) return { ok: false, reason: "the signed text is no checkpoint" };
  if (checkpoint.origin === log.name) return { ok: true, checkpoint };
  return { ok: false, reason: `a checkpoint of ${checkpoint.origin}, not of ${log.name}` };
}

interface NoteSignature {
  name: string;
  keyId: string;
  signature: Uint8Array;
}

/** Text with Ed25519 signatures below it (C2SP signed-note): how a log signs its checkpoints. */
type OpenedNote = { ok: true; text: string } | { ok: false; reason: string };

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

/** The signatures follow the last empty line. */
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

/** The public key of a signed note's signer, as text: `NAME+KEYID+KEY` (C2SP signed-note). */
export interface VerifierKey {
  /** Neither space nor plus; of a log, its origin. */
  name: string;
  /** 8 hexadecimal digits: with the name it tells which signature lines are this key's. */
  keyId: string;
  publicKey: Uint8Array;
}

/** The format's number for Ed25519. */
const ED25519 = 1;

const NAME = /^[^\s\u0085+]+$/u;

export function isKeyName(name: string): boolean {
  return NAME.test(name) && name.isWellFormed();
}

/** @throws RangeError for a name with a space or a plus. */
export function verifierKey(name: string, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw new RangeError(`${name}: a key's name has no space and no plus`);
  const digest = sha256(concatBytes(utf8ToBytes(`${name}\n`), Uint8Array.of(ED25519), publicKey));
  return { name, keyId: bytesToHex(digest.subarray(0, 4)), publicKey };
}

export function formatVerifierKey({ name, keyId, publicKey }: VerifierKey): string {
  return `${name}+${keyId}+${encodeBase64(concatBytes(Uint8Array.of(ED25519), publicKey))}`;
}

/** Null for what is no Ed25519 key, or whose key id does not fit. */
export function parseVerifierKey(text: string): VerifierKey | null {
  const [, name = "", keyId, material = ""] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/.exec(text) ?? [];
  const bytes = decodeBase64(material);
  if (!isKeyName(name) || bytes?.[0] !== ED25519 || !isStrictPoint(bytes.subarray(1))) return null;
  const key = verifierKey(name, bytes.slice(1));
  return key.keyId === keyId ? key : null;
}
