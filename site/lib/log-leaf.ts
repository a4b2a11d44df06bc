/** @file A leaf of the log in words. */

import type { LogLeaf } from "../../record/documents/log-document.ts";

const KINDS: Readonly<Record<LogLeaf["kind"], string>> = {
  key: "a key was registered, replaced or revoked",
  challenge: "a challenge was issued",
  outcome: "a challenge ended",
  result: "a result was accepted",
  reproduction: "a reproduction was accepted",
  retraction: "a statement was withdrawn by its signer",
  moderation: "the operator decided",
};

const ACTIONS: Readonly<Record<NonNullable<LogLeaf["action"]>, string>> = {
  quarantine: "the operator quarantined an entry",
  unquarantine: "the operator ended a quarantine",
  note: "the operator noted something on an entry",
  "erase-name": "the operator erased a display name",
};

/** What happened, without the reason. */
export function leafWords({ kind, action }: LogLeaf): string {
  return action === null ? KINDS[kind] : ACTIONS[action];
}

/** The entry that a leaf is or is about; null where none is, or, as of a retraction, where it may be something else. */
export function leafEntry({ kind, digest, action, subject }: LogLeaf): string | null {
  if (kind === "result") return digest;
  return action === null || action === "erase-name" ? null : subject;
}
