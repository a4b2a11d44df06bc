/** @file The newest leaves as a table, drawn at build and again by the island. */

import type { LogLeaf } from "../../../../record/answers/documents.ts";
import type { VNode } from "preact";
import { h } from "../../../markup/element.ts";
import { type Cell, table } from "../../../markup/table.ts";
import { minute, shortDigest } from "../../../charts/numbers.ts";
import { leafWords } from "../../../data/log-leaf.ts";

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

/** @param entryAddress where an entry of this id is shown. */
export function leafTable(leaves: readonly LogLeaf[], entryAddress: (id: string) => string): VNode {
  const rows = leaves.map((leaf) => leafRow(leaf, entryAddress));
  return table("Newest leaves of the log", COLUMNS, rows);
}

function leafRow(leaf: LogLeaf, entryAddress: (id: string) => string): (Cell | string)[] {
  const { index, at, reason, digest, entry } = leaf;
  const words = leafWords(leaf);
  return [
    String(index),
    { content: h("time", { datetime: at }, minute(at)) },
    entry === null ? words : { content: h("a", { href: entryAddress(entry) }, words) },
    { content: h("bdi", { class: "reason" }, reason ?? "") },
    { content: h("code", { title: digest }, shortDigest(digest)) },
  ];
}
