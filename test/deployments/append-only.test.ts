import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendLeaf, lockLog } from "../../db/append-leaf.ts";
import type { Db } from "../../db/db.ts";
import { type OpenedDatabase, openPglite } from "../../db/stores/open-pglite.ts";
import { migratePostgres, openPostgres } from "../../db/stores/open-postgres.ts";
import * as schema from "../../db/schema.ts";
import { preparedFiles } from "../world/databases.ts";
import {
  type ThrowawayPostgres,
  packagedBin,
  postgresBin,
  startPostgres,
} from "../world/postgres.ts";

const keeper = { origin: "test.example/log", seed: new Uint8Array(32).fill(7) };

const append = (db: Db, digest: string) =>
  db.transaction(async (tx) => {
    await lockLog(tx);
    const body = new TextEncoder().encode("{}");
    return appendLeaf(tx, keeper, { kind: "result", digest, body, at: new Date() });
  });

/** SQLSTATE of a refused query. */
const refusal = async (db: Db, query: string): Promise<string | undefined> => {
  try {
    await db.execute(sql.raw(query));
    return "done";
  } catch (error) {
    return ((error as Error).cause as { code?: string }).code;
  }
};

interface Privileges extends Record<string, unknown> {
  name: string;
  reads: boolean;
  changes: boolean;
  adds: boolean;
}

const CHANGES = (table: string, column: string) => [
  `update ${table} set ${column} = ${column}`,
  `delete from ${table}`,
  `truncate ${table}`,
];

const DENIED = "42501";
const ONLY_GROWS = "23000";

const servers = new Set([postgresBin(), packagedBin()]);
const places: [
  string,
  () => Promise<{ deployment: OpenedDatabase; postgres: ThrowawayPostgres | null }>,
][] = [
  [
    "PGlite",
    async () => ({ deployment: await openPglite(null, await preparedFiles()), postgres: null }),
  ],
  ...Array.from(servers, (bin): (typeof places)[number] => [
    `PostgreSQL (${bin.includes("node_modules") ? "npm" : "the machine's"})`,
    async () => {
      const postgres = await startPostgres(bin);
      return {
        deployment: await openPostgres(await postgres.createDatabase(), () => undefined),
        postgres,
      };
    },
  ]),
];

describe.each(places)("%s", (_name, start) => {
  let [deployment, postgres]: [OpenedDatabase | null, ThrowawayPostgres | null] = [null, null];
  let db: Db;

  beforeAll(async () => {
    ({ deployment, postgres } = await start());
    ({ db } = deployment);
    await append(db, "a".repeat(64));
  });
  afterAll(async () => {
    await deployment?.close();
    await postgres?.stop();
  });

  test("a server acts as the writer, which may only add to the log", async () => {
    const { rows } = (await db.execute<{ it: string }>(sql`select current_user as it`)) as {
      rows: { it: string }[];
    };
    expect(rows[0]!.it).toBe("rademark_writer");
    for (const change of [...CHANGES("leaves", "kind"), ...CHANGES("log_nodes", "level")])
      expect(await refusal(db, change), change).toBe(DENIED);
  });

  test("not even the owner changes the log", async () => {
    for (const change of [...CHANGES("leaves", "kind"), ...CHANGES("log_nodes", "level")]) {
      const code = await db
        .transaction(async (tx) => {
          await tx.execute(sql`set local role none`);
          await tx
            .execute(sql`set local session_replication_role = replica`)
            .catch(() => undefined);
          await tx.execute(sql.raw(change));
        })
        .catch((error: Error) => (error.cause as { code?: string }).code);
      expect(code, change).toBe(ONLY_GROWS);
    }
    expect(await db.$count(schema.leaves)).toBe(1);
  });

  test("the writer removes nothing but changes it worked off, ranks and quotas, and makes no tables", async () => {
    const tables = ["keys", "challenges", "entries", "reproductions", "retractions"].concat([
      "moderations",
      "run_counts",
      "boards",
      "key_names",
    ]);
    for (const table of tables) expect(await refusal(db, `delete from ${table}`)).toBe(DENIED);
    for (const table of ["board_changes", "board_ranks", "quotas"])
      expect(await refusal(db, `delete from ${table}`)).toBe("done");
    expect(await refusal(db, "create table public.mine (a int)")).toBe(DENIED);
  });

  test("every table can be read by the reader, but for quotas, and changed by nobody as it", async () => {
    const { rows } = (await db.execute<Privileges>(sql`
      select c.relname as name, has_table_privilege('rademark_reader', c.oid, 'SELECT') as reads,
        has_table_privilege('rademark_reader', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') as changes,
        has_table_privilege('rademark_writer', c.oid, 'INSERT') as adds
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind = 'r'`)) as { rows: Privileges[] };
    expect(rows.length).toBeGreaterThan(12);
    for (const row of rows)
      expect(row).toEqual({
        name: row.name,
        reads: row.name !== "quotas",
        changes: false,
        adds: true,
      });
  });

  test.runIf(_name !== "PGlite")("thirty migrators at once make the tables once", async () => {
    const url = await postgres!.createDatabase();
    const ran = await Promise.all(Array.from({ length: 30 }, () => migratePostgres(url)));
    expect(ran.filter((count) => count > 0)).toHaveLength(1);
  });

  test.runIf(_name !== "PGlite")(
    "an owner who is no superuser migrates, given CREATEROLE",
    async () => {
      const url = await postgres!.createDatabase();
      const name = new URL(url).pathname.slice(1);
      await postgres!.run(`create role ${name}_owner login createrole`);
      await postgres!.run(`alter database ${name} owner to ${name}_owner`);
      await postgres!.run(`create role ${name}_weak login`);
      const as = (login: string) => url.replace("app@", `${name}_${login}@`);
      // Another database of this server made the roles already: whoever made them must grant them.
      if (!(await isOld(postgres!.url)))
        await expect(migratePostgres(as("owner"))).rejects.toThrow(/grant rademark_reader/);
      await postgres!.run(`grant rademark_reader, rademark_writer to ${name}_owner`);
      await migratePostgres(as("owner"));
      await expect(openPostgres(as("weak"), () => undefined)).rejects.toThrow(/permission|migrat/);
      await postgres!.run(`grant rademark_writer to ${name}_weak`);
      const weak = await openPostgres(as("weak"), () => undefined);
      await append(weak.db, "b".repeat(64));
      expect(await weak.db.$count(schema.leaves)).toBe(1);
      await weak.close();
    },
  );
});

async function isOld(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await drizzle(client).execute(
    sql`select current_setting('server_version_num')::int < 160000 as it`,
  );
  await client.end();
  return rows[0]!.it as boolean;
}
