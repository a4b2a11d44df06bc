import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../db/migrations/", import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));

async function run(client: PGlite, names: string[]): Promise<void> {
  for (const name of names) await client.exec(readFileSync(folder + name, "utf8"));
}

test("keys that replaced each other before holders were kept are told to be one holder's", async () => {
  const client = await PGlite.create();
  const at = files.findIndex((name) => name.endsWith("_holders.sql"));
  await client.exec(
    "create schema drizzle; create table drizzle.__drizzle_migrations (id int, created_at int)",
  );
  await run(client, files.slice(0, at));
  await client.exec(`insert into keys (key, registered_at, next) values
    ('c', now(), null), ('b', now(), 'c'), ('a', now(), 'b'), ('other', now(), null)`);
  await run(client, files.slice(at));
  const { rows } = await client.query("select key, holder from keys order by key");
  await client.close();
  expect(rows).toEqual([
    { key: "a", holder: "a" },
    { key: "b", holder: "a" },
    { key: "c", holder: "a" },
    { key: "other", holder: "other" },
  ]);
});
