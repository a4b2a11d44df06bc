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
  unquarantine: "the operator ended the quarantine of an entry",
  note: "the operator noted something on an entry",
  "erase-name": "the operator erased a display name",
};

/** What happened, without the reason. The operator decides about entries and, rarely, about a protocol. */
export function leafWords({ kind, action, entry }: LogLeaf): string {
  if (action === null) return KINDS[kind];
  return entry === null ? ACTIONS[action].replace("an entry", "a protocol") : ACTIONS[action];
}
