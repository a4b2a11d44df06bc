/** @file Columns to look things up by, all computed from the leaves' bodies. */

import { bigint, index, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import type { Moderation, Verdict } from "../record/statement/statements.ts";

const time = () => timestamp({ withTimezone: true, mode: "date" });
const leaf = () => bigint({ mode: "number" }).notNull();

export const keys = pgTable(
  "keys",
  {
    /** Public key in hexadecimal. */
    key: text().primaryKey(),
    registeredAt: time().notNull(),
    revokedFrom: time(),
    next: text(),
    /** The first of the keys that replaced each other up to this one: who holds them is one. */
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

/** Of results and reproductions (challenges given up stand in `challenges`), void ones as well. */
export const retractions = pgTable(
  "retractions",
  {
    id: text().primaryKey(),
    leaf: leaf(),
    statement: text().notNull().unique(),
    /** What is taken back, or what it reproduces. */
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
    /** The subject, or what it reproduces; null when that is a protocol or a key. */
    entry: text(),
    reason: text().notNull(),
  },
  (t) => [
    index("moderations_by_subject").on(t.subject),
    index("moderations_by_entry").on(t.entry, t.leaf),
  ],
);
