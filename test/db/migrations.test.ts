import { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { OperatorError, rowsOf } from "../../db/db.ts";
import { missingMigrations } from "../../db/migrate.ts";
import { openPglite } from "../../db/stores/open-pglite.ts";
import { openTestDatabase, preparedFiles } from "../world/databases.ts";

/** When the last migration of version 0.1 was made. */
const LAST_OF_BEFORE = 1_795_938_036_377;

/** Opens a database whose last migration was made at that moment. */
async function opened(milliseconds: number): Promise<unknown> {
  const client = await PGlite.create({ loadDataDir: await preparedFiles() });
  await client.exec(`update drizzle.__drizzle_migrations set created_at = ${milliseconds}`);
  const files = await client.dumpDataDir("none");
  await client.close();
  return openPglite(null, files).then(({ close }) => close());
}

test("a database of before the protocols were fixed is refused in one sentence", async () => {
  const refusal = opened(LAST_OF_BEFORE);
  await expect(refusal).rejects.toThrow(OperatorError);
  await expect(refusal).rejects.toThrow(
    "the database is of version 0.1 of rademark, before the protocols were fixed, and its entries cannot be " +
      "carried over: keep it for that version, and let this one make a new database (another --data or DATABASE_URL).",
  );
});

test("a database of a later version is refused", async () => {
  await expect(opened(Date.UTC(2100, 0))).rejects.toThrow(/newer version.*update/);
});

test("ranks are stored uncompressed, to be read in parts, and no migration is missing from a new database", async () => {
  const { db, close } = await openTestDatabase();
  const storage = await db.execute(
    sql`select attstorage as it from pg_attribute where attrelid = 'board_ranks'::regclass and attname = 'ranks'`,
  );
  expect(await missingMigrations(db)).toBe(0);
  await close();
  expect(rowsOf(storage)).toEqual([{ it: "e" }]);
});
