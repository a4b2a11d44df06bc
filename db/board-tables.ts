/** @file Boards, computed from the index tables when something changed: reads compute no ranks. */

import { bigint, integer, pgTable, primaryKey, serial, text } from "drizzle-orm/pg-core";
import { RANKED } from "../record/board/board-columns.ts";
import { bytes } from "./bytes.ts";

/** One per protocol: refreshed behind every accepted statement. */
export const boards = pgTable("boards", {
  protocol: text().primaryKey(),
  /** Goes up whenever anything that the board shows changes. */
  version: integer().notNull(),
  /** Leaves of the log it is computed from. */
  logSize: bigint({ mode: "number" }).notNull(),
  /** How many entries it holds: pages leave out those whose `number` is not below it, until they are refreshed. */
  entries: integer().notNull(),
  /** JSON of `BoardCounts`. */
  counts: text().notNull(),
  /** Which of its ranks are shown. */
  edition: text().notNull(),
});

/**
 * Ranks of a board in one column, stored before the board names their edition: a large board's take longer to store
 * than others should wait. At 12 * entries.number three uint32, little-endian: low, high, tier; zeros: no rank.
 */
export const boardRanks = pgTable(
  "board_ranks",
  {
    protocol: text().notNull(),
    edition: text().notNull(),
    column: text({ enum: RANKED }).notNull(),
    ranks: bytes().notNull(),
  },
  (t) => [primaryKey({ columns: [t.protocol, t.edition, t.column] })],
);

export const DOCUMENT_KINDS = ["sentences", "measures"] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** What is computed over all of a board and stands beside it. */
export const boardDocuments = pgTable(
  "board_documents",
  {
    protocol: text().notNull(),
    kind: text({ enum: DOCUMENT_KINDS }).notNull(),
    /** Of the board that it was computed from. */
    version: integer().notNull(),
    /** JSON, as it is served. */
    document: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.protocol, t.kind] })],
);

/** Configurations whose rows wait to be refreshed; written with the statement, in its transaction. */
export const boardChanges = pgTable("board_changes", {
  id: serial().primaryKey(),
  protocol: text().notNull(),
  arch: text().notNull(),
  regs: text().notNull(),
});
