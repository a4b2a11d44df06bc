/** @file The newest leaves as a table, drawn at build and again by the island. */

import type { LogLeaf } from "../../../../record/answers/documents.ts";
import { type Cell, html, table } from "../../../charts/element.ts";
import { minute, shortDigest } from "../../../data/numbers.ts";
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
export function leafTable(
  document: Document,
  leaves: readonly LogLeaf[],
  entryAddress: (id: string) => string,
): HTMLElement {
  const rows = leaves.map((leaf) => leafRow(document, leaf, entryAddress));
  return table(document, "Newest leaves of the log", COLUMNS, rows);
}

function leafRow(
  document: Document,
  leaf: LogLeaf,
  entryAddress: (id: string) => string,
): (Cell | string)[] {
  const { index, at, reason, digest, entry } = leaf;
  const words = leafWords(leaf);
  return [
    String(index),
    { content: html(document, "time", { datetime: at }, minute(at)) },
    entry === null ? words : { content: html(document, "a", { href: entryAddress(entry) }, words) },
    { content: html(document, "bdi", { class: "reason" }, reason ?? "") },
    { content: html(document, "code", { title: digest }, shortDigest(digest)) },
  ];
}
