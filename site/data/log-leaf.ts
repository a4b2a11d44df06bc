/** @file A leaf of the log in words. */

import type { LogLeaf } from "../../record/answers/documents.ts";

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

/** What happened, without the reason. The operator decides about entries, reproductions and, rarely, a protocol. */
export function leafWords({ kind, action, entry, subject }: LogLeaf): string {
  if (action === null) return KINDS[kind];
  const what =
    entry === null ? "a protocol" : subject === entry ? "an entry" : "a reproduction of an entry";
  return ACTIONS[action].replace("an entry", what);
}
