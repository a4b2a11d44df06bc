/** @file A log's signed size and root (C2SP tlog-checkpoint): all that need be kept to notice rewritten history. */

import { decodeBase64, encodeBase64 } from "../signature/base64.ts";
import { openNote, signNote } from "./signed-note.ts";
import type { VerifierKey } from "./verifier-key.ts";

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

/** Null for other text; lines behind the root are left out. */
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
