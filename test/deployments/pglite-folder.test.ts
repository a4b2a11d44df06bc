import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { OperatorError } from "../../db/db.ts";
import { lockFolder } from "../../db/stores/folder-lock.ts";
import { type MigratedDatabase, openPglite, tidyPglite } from "../../db/stores/open-pglite.ts";
import { preparedFiles } from "../world/databases.ts";
import { dropOtherEditions, rankEdition, storeEdition } from "../../db/board/rank-editions.ts";

/** A path for a lock, and the words in which this process holds one. */
function place(): { path: string; mine: Record<string, unknown> } {
  const folder = mkdtempSync(join(tmpdir(), "rademark-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "lock");
  const lock = lockFolder(path);
  const mine = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  lock.release();
  return { path, mine };
}

test("a process killed under this one's id leaves its lock behind for it, as in a container", () => {
  const { path, mine } = place();
  writeFileSync(path, JSON.stringify({ ...mine, began: "long ago" }));
  lockFolder(path);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(mine);
});

test("this process itself does not open its folder twice", () => {
  const { path } = place();
  lockFolder(path);
  expect(() => lockFolder(path)).toThrow(`in use by process ${process.pid}`);
});

test("another host's lock stands, whatever its process id", () => {
  const { path, mine } = place();
  writeFileSync(path, JSON.stringify({ ...mine, host: "elsewhere", began: "long ago" }));
  expect(() => lockFolder(path)).toThrow(`in use by process ${process.pid} on elsewhere`);
});

test.each(["", "{}", "null", '{"host":"els', '{"host":"elsewhere"}'])(
  "a lock of %j names nobody, and says what to do",
  (text) => {
    const { path } = place();
    writeFileSync(path, text);
    expect(() => lockFolder(path)).toThrow(`${path} names no process`);
    expect(readFileSync(path, "utf8")).toBe(text);
  },
);

describe("a database in this process", () => {
  let deployment: MigratedDatabase;
  beforeAll(async () => void (deployment = await openPglite(null, await preparedFiles())));
  afterAll(() => deployment.close());

  async function numberIn(query: ReturnType<typeof sql>): Promise<number> {
    const { rows } = (await deployment.db.execute(query)) as { rows: { number: string }[] };
    return Number(rows[0]!.number);
  }

  test("a table that has grown gets its statistics once", async () => {
    await deployment.db.execute(sql`insert into quotas (subject, starts_at, used)
    select 'subject ' || i, now(), 1 from generate_series(1, 2000) as i`);
    expect(await tidyPglite(deployment.db)).toEqual(["quotas"]);
    const estimate = sql`select reltuples as number from pg_class where relname = 'quotas'`;
    expect(await numberIn(estimate)).toBe(2000);
    expect(await tidyPglite(deployment.db)).toEqual([]);
  });

  test("ranks that are stored again and again take no more room", async () => {
    const { db } = deployment;
    const store = async () => {
      const ranks = crypto.getRandomValues(new Uint8Array(40_000));
      const edition = await rankEdition(new Map([["gap", ranks]]));
      await storeEdition(db, "p", edition);
      await db.transaction((tx) => dropOtherEditions(tx, "p", edition.name));
    };
    const sizes: number[] = [];
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 20; i++) await store();
      await deployment.tidy();
      sizes.push(await numberIn(sql`select pg_total_relation_size('board_ranks') as number`));
    }
    expect(sizes.at(-1)).toBeLessThan(1.2 * sizes[0]!);
  });
});

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
