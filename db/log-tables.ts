/** @file What is kept for good: the log's leaves with the exact bytes behind them. Append-only by trigger and privilege. */

import { bigint, index, pgTable, primaryKey, smallint, text, timestamp } from "drizzle-orm/pg-core";
import type { LogEntry } from "../record/log/log-proof.ts";
import { bytes } from "./bytes.ts";

/** Everything else but names and quotas can be rebuilt from these rows (`rademark db reindex`). */
export const leaves = pgTable(
  "leaves",
  {
    /** Place in the log, from 0, without gaps. */
    index: bigint({ mode: "number" }).primaryKey(),
    kind: text().$type<LogEntry["kind"]>().notNull(),
    /** Of the statement, or of the server's own document: `LogEntry.digest`. */
    digest: text().notNull().unique(),
    /** UTF-8 JSON: the first accepted envelope, or a `ServerBody`. */
    body: bytes().notNull(),
    /** Signed note over the tree that ends with this leaf. */
    checkpoint: text().notNull(),
    at: timestamp({ withTimezone: true, mode: "date" }).notNull(),
  },
  (t) => [index("leaves_by_kind").on(t.kind, t.index)],
);

/** Roots of complete subtrees, 32 bytes each. */
export const logNodes = pgTable(
  "log_nodes",
  {
    level: smallint().notNull(),
    index: bigint({ mode: "number" }).notNull(),
    hash: bytes().notNull(),
  },
  ({ level, index }) => [primaryKey({ columns: [level, index] })],
);
