/** @file Entries and their runs as boards sort, rank and compare them: computed from the leaves' bodies. */

import { type SQL, sql } from "drizzle-orm";
import {
  type PgDoublePrecisionBuilderInitial,
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
} from "drizzle-orm/pg-core";
import { RANKED, type Ranked, SORTS, type Sort, isRanked } from "../record/board/board-columns.ts";
import { STATES } from "../record/board/standing.ts";
import { DEVICES } from "../record/datasets.ts";

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

/** For an index, and for what is read along it. */
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
    /** JSON of its `MeasuredEntry` without what stands in other columns: gap and measures. */
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

/** Counts that nobody comes to twice: `countsDigest` of each completed run, and under what it was listed. */
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
    /** Of the statement. */
    leaf: bigint({ mode: "number" }).notNull(),
    /** Listed with a completed challenge? Not the panel of a reproduction, which may be that of its entry. */
    challenged: boolean().notNull(),
    /** Is the statement neither taken back nor void nor quarantined? As of the last leaf, not of the last refresh. */
    stands: boolean().notNull(),
    /** Were the same counts ever listed under another protocol, configuration or seed? Of a digest all rows or none. */
    contested: boolean().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.digest, t.statement] }),
    index("run_counts_by_statement").on(t.statement),
    // hardly any counts are contested, so these are small; with them nobody reads all copies of a run
    index("run_counts_contested")
      .on(t.protocol, t.arch, t.regs)
      .where(sql`${t.contested}`),
    index("run_counts_first")
      .on(t.digest, t.leaf)
      .where(sql`${t.contested} and ${t.stands}`),
    index("run_counts_first_challenged")
      .on(t.digest, t.leaf)
      .where(sql`${t.contested} and ${t.stands} and ${t.challenged}`),
  ],
);
