/** @file Columns to look things up by, all computed from the leaves' bodies. */

import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  type PgDoublePrecisionBuilderInitial,
} from "drizzle-orm/pg-core";
import { isRanked, RANKED, SORTS, type Ranked, type Sort } from "../record/board/board-columns.ts";
import { STATES } from "../record/board/standing.ts";
import type { Moderation } from "../record/statement/moderation.ts";
import type { Verdict } from "../record/statement/reproduction.ts";

const time = () => timestamp({ withTimezone: true, mode: "date" });
const leaf = () => bigint({ mode: "number" }).notNull();

export const keys = pgTable("keys", {
  /** Public key in hexadecimal. */
  key: text().primaryKey(),
  registeredAt: time().notNull(),
  revokedFrom: time(),
  next: text(),
});

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

/** `complexity_mean`, `complexity_variance`, and so on: null where a run lacks the number. */
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

/** Of `entries`. */
export function sortColumn(sort: Sort) {
  return isRanked(sort) ? (`${sort}Mean` as const) : sort;
}

export const entries = pgTable(
  "entries",
  {
    /** The result's statement id. */
    id: text().primaryKey(),
    /** Place among the entries of its protocol in the order of the log, from 0: where its rank stands. */
    number: integer().notNull(),
    leaf: leaf(),
    key: text().notNull(),
    protocol: text().notNull(),
    arch: text().notNull(),
    regs: text().notNull(),
    device: text({ enum: ["cpu", "cuda"] }).notNull(),
    challenge: text(),
    supersedes: text(),
    params: bigint({ mode: "number" }).notNull(),
    seconds: doublePrecision(),
    receivedAt: time().notNull(),
    /** Runs that the means are over. */
    runs: integer().notNull(),
    ...sampleColumns,
    /** JSON of what no later statement changes: a `BoardRow` without signer, standing and rank. */
    fixed: text().notNull(),
    /** JSON of its `MeasuredEntry` without what stands in other columns: gap and measures. */
    measured: text().notNull(),
    /** From here on: what later statements change, written when the board is refreshed. */
    state: text({ enum: STATES }).notNull(),
    /** JSON of a `Standing`. */
    standing: text().notNull(),
    /** JSON of the operator's notes. */
    operatorNotes: text().notNull(),
  },
  (t) => [
    uniqueIndex("entries_by_number").on(t.protocol, t.number),
    index("entries_by_configuration").on(t.protocol, t.arch, t.regs),
    index("entries_by_key").on(t.key),
    // a page of a board is read in its order, whatever the column
    ...SORTS.map((sort) =>
      index(`entries_by_${sort.toLowerCase()}`).on(t.protocol, t[sortColumn(sort)], t.id),
    ),
  ],
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
    retracted: boolean().notNull(),
    receivedAt: time().notNull(),
  },
  (t) => [index("reproductions_by_entry").on(t.entry), index("reproductions_by_key").on(t.key)],
);

/** Of results and reproductions (challenges given up stand in `challenges`). */
export const retractions = pgTable("retractions", {
  id: text().primaryKey(),
  leaf: leaf(),
  statement: text().notNull().unique(),
  reason: text().notNull(),
});

export const moderations = pgTable(
  "moderations",
  {
    id: text().primaryKey(),
    leaf: leaf(),
    action: text().$type<Moderation["action"]>().notNull(),
    subject: text().notNull(),
    reason: text().notNull(),
  },
  (t) => [index("moderations_by_subject").on(t.subject)],
);

/** Counts that nobody comes to twice: `countsDigest` of each completed run. */
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
  },
  (t) => [primaryKey({ columns: [t.digest, t.statement] })],
);
