/** @file The newest leaves as a table, drawn at build and again by the island. */

import type { VNode } from "preact";
import type { LogLeaf } from "../../../../record/answers/documents.ts";
import { entryAddress } from "../../../data/entry-address.ts";
import { h } from "../../../markup/element.ts";
import { type Cell, table } from "../../../markup/table.ts";
import { minute, shortDigest } from "../../../charts/numbers.ts";

const COLUMNS = [
  { title: "leaf", numeric: true },
  { title: "when" },
  { title: "what" },
  { title: "reason given" },
  {
    title: "digest",
    help: "SHA-256 of the statement's exact bytes: all that the log itself holds",
  },
] as const;

/** What is about no entry leads to the statement itself, as the API gives it. */
export function leafTable(leaves: readonly LogLeaf[]): VNode {
  const rows = leaves.map(leafRow);
  return table("Newest leaves of the log", COLUMNS, rows);
}

function leafRow(leaf: LogLeaf): (Cell | string)[] {
  const { index, at, reason, digest, entry } = leaf;
  const words = leafWords(leaf);
  const address = entry === null ? `/v1/log/statements/${digest}` : entryAddress(entry);
  return [
    String(index),
    { content: h("time", { datetime: at }, minute(at)) },
    { content: h("a", { href: address }, words) },
    { content: h("bdi", { class: "reason" }, reason ?? "") },
    { content: h("code", { title: digest }, shortDigest(digest)) },
  ];
}

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
