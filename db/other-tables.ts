/** @file What no log knows of: names, which can be erased, and quotas, which run out. */

import { index, integer, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

const time = () => timestamp({ withTimezone: true, mode: "date" });

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
