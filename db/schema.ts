/** @file All tables. Leaves are the record; the index tables are computed from them. */

import {
  type AnyPgColumn,
  type PgDoublePrecisionBuilderInitial,
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  serial,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { type SQL, sql } from "drizzle-orm";
import { RANKED, type Ranked, SORTS, type Sort, isRanked } from "../record/board/board-columns.ts";
import { STATES } from "../record/board/standing.ts";
import { DEVICES } from "../record/datasets.ts";
import type { Moderation, Verdict } from "../record/statement/statements.ts";
import type { LogEntry } from "../record/log/log-proof.ts";

/** One for each protocol; refreshed after every accepted statement. */
export const boards = pgTable("boards", {
  protocol: text().primaryKey(),
  /** Increases whenever anything that the board shows changes. */
  version: integer().notNull(),
  /** Number of leaves of the log that it is computed from. */
  logSize: bigint({ mode: "number" }).notNull(),
  /** How many entries it holds: pages leave out those whose `number` is not below it, until they are refreshed. */
  entries: integer().notNull(),
  /** JSON of `BoardCounts`. */
  counts: text().notNull(),
  /** Which of its ranks are shown. */
  edition: text().notNull(),
});

/** `bytea`, alike on every driver: PGlite gives Uint8Array, the others Buffer. */
const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "bytea",
  fromDriver: (value) => new Uint8Array(value),
  toDriver: (value) => new Uint8Array(value), // an ArrayBuffer would silently be stored as {}
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

/** A document that gets another form gets another name here: nobody is served what an older server has stored. */
export const STORED_KINDS = { sentences: "sentences.1", measures: "measures" } as const;

type StoredKind = (typeof STORED_KINDS)[DocumentKind];

/** Documents computed over all of a board; those with custom code only of a board that ranks some where asked. */
export const boardDocuments = pgTable(
  "board_documents",
  {
    protocol: text().notNull(),
    kind: text().$type<StoredKind | `${StoredKind}+custom`>().notNull(),
    /** Version of the board that it was computed from. */
    version: integer().notNull(),
    /** The JSON that is served. */
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

/** `capacity_mean`, `capacity_variance`, and so on: null where a run lacks the number. */
type SampleColumns = Record<
  `${Ranked}Mean` | `${Ranked}Variance`,
  PgDoublePrecisionBuilderInitial<"">
>;

const sampleColumns = Object.fromEntries(
  RANKED.flatMap((name) => [
    [`${name}Mean`, doublePrecision()],
    [`${name}Variance`, doublePrecision()],
  ]),
) as SampleColumns;

/** The column of `entries` that a board is sorted by. */
export function sortColumn(sort: Sort) {
  return isRanked(sort) ? (`${sort}Mean` as const) : sort;
}

/** Used in an index, and by queries along it. */
export function isUncounted({
  number,
  representative,
}: Pick<typeof entries, "number" | "representative">): SQL {
  return sql`${representative} is distinct from ${number}`;
}

export const entries = pgTable(
  "entries",
  {
    /** The result's statement id. */
    id: text().primaryKey(),
    /** Place among the entries of its protocol in the order of the log, from 0: where its rank stands. */
    number: integer().notNull(),
    leaf: bigint({ mode: "number" }).notNull(),
    key: text().notNull(),
    protocol: text().notNull(),
    arch: text().notNull(),
    regs: text().notNull(),
    device: text({ enum: DEVICES }).notNull(),
    challenge: text(),
    supersedes: text(),
    params: bigint({ mode: "number" }).notNull(),
    seconds: doublePrecision(),
    receivedAt: timestamp({ withTimezone: true, mode: "date" }).notNull(),
    /** Runs that the means are over. */
    runs: integer().notNull(),
    ...sampleColumns,
    /** JSON of what no later statement changes: a `FixedRow`. */
    fixed: text().notNull(),
    /** JSON of its `MeasuredEntry` without what stands in other columns: gap, width and measures. */
    measured: text().notNull(),
    /** From here on: what later statements change, written when the board is refreshed. */
    state: text({ enum: STATES }).notNull(),
    /** JSON of a `Standing`. */
    standing: text().notNull(),
    /** JSON of the operator's notes. */
    operatorNotes: text().notNull(),
    /**
     * Number of the entry that stands for its configuration in ranks and statistics; null where it is hidden, or waits
     * for its first refresh.
     */
    representative: integer(),
  },
  (t) => [
    uniqueIndex("entries_by_number").on(t.protocol, t.number),
    index("entries_by_configuration").on(t.protocol, t.arch, t.regs),
    index("entries_by_key").on(t.key, t.protocol, t.arch, t.leaf),
    index("entries_uncounted")
      .on(t.protocol, t.number)
      .where(sql`${t.representative} is distinct from ${t.number}`),
    // a page of a board is read in its order, whatever the column
    ...SORTS.map((sort) =>
      index(`entries_by_${sort.toLowerCase()}`).on(t.protocol, t[sortColumn(sort)], t.id),
    ),
  ],
);

/** Does a configuration have code from somebody's own file? No other name has `custom:` in it (method.md section 6). */
const isCustom = ({ arch, regs }: Record<"arch" | "regs", AnyPgColumn>): SQL<boolean> =>
  sql`(strpos(${arch}, 'custom:') > 0 or strpos(${regs}, 'custom:') > 0)`;

/** Of an entry. */
export const hasCustomCode: SQL<boolean> = isCustom(entries);

/** `countsDigest` of each completed run, which no two runs share by chance, and what it was listed under. */
export const runCounts = pgTable(
  "run_counts",
  {
    digest: text().notNull(),
    /** Id of the result or reproduction. */
    statement: text().notNull(),
    protocol: text().notNull(),
    arch: text().notNull(),
    regs: text().notNull(),
    seed: bigint({ mode: "number" }).notNull(),
    /** Leaf of the statement. */
    leaf: bigint({ mode: "number" }).notNull(),
    /** Whether it was listed with a completed challenge; false for a reproduction's panel, which may repeat its entry's. */
    challenged: boolean().notNull(),
    /** Whether the statement is not retracted, void or quarantined, as of the last leaf, not of the last refresh. */
    stands: boolean().notNull(),
    /** Whether these counts were ever listed under another protocol, configuration or seed; equal for all of a digest. */
    contested: boolean().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.digest, t.statement] }),
    index("run_counts_by_statement").on(t.statement),
    // hardly any counts are contested, so these are small; with them no query reads all copies of a run
    index("run_counts_contested")
      .on(t.protocol, t.arch, t.regs)
      .where(sql`${t.contested}`),
    index("run_counts_first")
      .on(t.digest, isCustom(t), t.leaf)
      .where(sql`${t.contested} and ${t.stands}`),
    index("run_counts_first_challenged")
      .on(t.digest, isCustom(t), t.leaf)
      .where(sql`${t.contested} and ${t.stands} and ${t.challenged}`),
  ],
);

/** Was a run listed for a configuration with custom code? As in the indexes. */
export const isCustomRun: SQL<boolean> = isCustom(runCounts);

const time = () => timestamp({ withTimezone: true, mode: "date" });
const leaf = () => bigint({ mode: "number" }).notNull();

/** Columns to look things up by, all computed from the leaves' bodies. */
export const keys = pgTable(
  "keys",
  {
    /** Public key in hexadecimal. */
    key: text().primaryKey(),
    registeredAt: time().notNull(),
    revokedFrom: time(),
    next: text(),
    /** The first of the keys that replaced each other up to this one: they have one holder. */
    holder: text().notNull(),
  },
  (t) => [index("keys_by_holder").on(t.holder)],
);

export const challenges = pgTable(
  "challenges",
  {
    /** The commitment's statement id. */
    id: text().primaryKey(),
    leaf: leaf(),
    key: text().notNull(),
    protocol: text().notNull(),
    arch: text().notNull(),
    regs: text().notNull(),
    reproduces: text(),
    expiresAt: time().notNull(),
    outcome: text({ enum: ["completed", "failed", "expired"] }),
    /** Leaf of the outcome's document. */
    outcomeLeaf: bigint({ mode: "number" }),
  },
  (t) => [
    index("challenges_by_configuration").on(t.protocol, t.arch, t.regs),
    index("challenges_by_key").on(t.key, t.outcome),
    index("challenges_by_expiry").on(t.outcome, t.expiresAt),
    index("challenges_by_leaf").on(t.leaf),
  ],
);

/** What custom code is of: an architecture, or a regularizer. */
export const CODE_KINDS = ["arch", "reg"] as const;

/**
 * Which source a custom name stands for: the first that a statement shows, and those that challenges commit to before
 * one is shown.
 */
export const customSources = pgTable(
  "custom_sources",
  {
    kind: text({ enum: CODE_KINDS }).notNull(),
    /** `custom:NAME@DIGEST8` */
    name: text().notNull(),
    leaf: leaf(),
    /** SHA-256 of the source. */
    digest: text().notNull(),
    /** The challenge that commits to it; null where a result or a reproduction shows it. */
    challenge: text(),
  },
  (t) => [primaryKey({ columns: [t.kind, t.name, t.leaf] })],
);

export const reproductions = pgTable(
  "reproductions",
  {
    id: text().primaryKey(),
    leaf: leaf(),
    entry: text().notNull(),
    key: text().notNull(),
    challenge: text().notNull(),
    verdict: text().$type<Verdict>().notNull(),
    /** JSON of `ReproductionDocument.numbers`. */
    numbers: text().notNull(),
    receivedAt: time().notNull(),
  },
  (t) => [
    index("reproductions_by_entry").on(t.entry, t.leaf),
    index("reproductions_by_key").on(t.key),
  ],
);

/** Retractions of results and reproductions, void ones included; challenges given up are in `challenges`. */
export const retractions = pgTable(
  "retractions",
  {
    id: text().primaryKey(),
    leaf: leaf(),
    statement: text().notNull().unique(),
    /** The result that is retracted, or that the retracted reproduction is about. */
    entry: text().notNull(),
    key: text().notNull(),
    reason: text().notNull(),
    receivedAt: time().notNull(),
  },
  (t) => [index("retractions_by_entry").on(t.entry, t.leaf)],
);

export const moderations = pgTable(
  "moderations",
  {
    id: text().primaryKey(),
    leaf: leaf(),
    action: text().$type<Moderation["action"]>().notNull(),
    subject: text().notNull(),
    /** The entry that is the subject, or that the subject reproduces; null for a protocol or a key. */
    entry: text(),
    reason: text().notNull(),
  },
  (t) => [
    index("moderations_by_subject").on(t.subject),
    index("moderations_by_entry").on(t.entry, t.leaf),
  ],
);

/** All other tables except names and quotas can be rebuilt from these rows (`rademark db reindex`). */
export const leaves = pgTable(
  "leaves",
  {
    /** Place in the log, from 0, without gaps. */
    index: bigint({ mode: "number" }).primaryKey(),
    kind: text().$type<LogEntry["kind"]>().notNull(),
    /** Digest of the statement, or of the server's own document: `LogEntry.digest`. */
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

/** Tables that are not in the log: names, which can be erased, and quotas, which expire. */
export const keyNames = pgTable("key_names", {
  key: text().primaryKey(),
  /** Null once it was removed or erased; `at` stays, so that an old statement cannot bring it back. */
  name: text(),
  at: time().notNull(),
});

export const quotas = pgTable(
  "quotas",
  {
    /** `key:HEX`, `address:1.2.3.4` or `address:2001:db8:0:1::/64`, and what is counted. */
    subject: text().notNull(),
    /** Start of the window. */
    startsAt: time().notNull(),
    used: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.subject, t.startsAt] }),
    index("quotas_by_start").on(t.startsAt),
  ],
);
