import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { rowsOf } from "../../db/db.ts";
import { missingMigrations } from "../../db/migrate.ts";
import { openTestDatabase } from "../world/databases.ts";

test("ranks are stored uncompressed, to be read in parts, and no migration is missing from a new database", async () => {
  const { db, close } = await openTestDatabase();
  const storage = await db.execute(
    sql`select attstorage as it from pg_attribute where attrelid = 'board_ranks'::regclass and attname = 'ranks'`,
  );
  expect(await missingMigrations(db)).toBe(0);
  await close();
  expect(rowsOf(storage)).toEqual([{ it: "e" }]);
});
