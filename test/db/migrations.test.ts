import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../db/migrations/", import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));

async function run(client: PGlite, names: string[]): Promise<void> {
  for (const name of names) await client.exec(readFileSync(folder + name, "utf8"));
}

async function migratedBefore(name: string): Promise<{ client: PGlite; rest: string[] }> {
  const client = await PGlite.create();
  const at = files.findIndex((file) => file.endsWith(name));
  await client.exec(
    "create schema drizzle; create table drizzle.__drizzle_migrations (id int, created_at int)",
  );
  await run(client, files.slice(0, at));
  return { client, rest: files.slice(at) };
}

test("keys that replaced each other before holders were kept are told to be one holder's", async () => {
  const { client, rest } = await migratedBefore("_holders.sql");
  await client.exec(`insert into keys (key, registered_at, next) values
    ('c', now(), null), ('b', now(), 'c'), ('a', now(), 'b'), ('other', now(), null)`);
  await run(client, rest);
  const { rows } = await client.query("select key, holder from keys order by key");
  await client.close();
  expect(rows).toEqual([
    { key: "a", holder: "a" },
    { key: "b", holder: "a" },
    { key: "c", holder: "a" },
    { key: "other", holder: "other" },
  ]);
});

test("rows with challenges of keys that replaced each other are told anew, no others", async () => {
  const { client, rest } = await migratedBefore("_log_kinds.sql");
  await client.exec(`insert into keys (key, registered_at, next, holder) values
    ('a', now(), 'b', 'a'), ('b', now(), null, 'a'), ('other', now(), null, 'other')`);
  await client.exec(`insert into challenges (id, leaf, key, protocol, arch, regs, expires_at) values
    ('1', 1, 'a', 'p', 'mlp-64', 'none', now()), ('2', 2, 'a', 'p', 'mlp-64', 'none', now()),
    ('3', 3, 'b', 'p', 'mlp-128', 'none', now()), ('4', 4, 'other', 'p', 'cnn-16', 'none', now())`);
  await run(client, rest);
  const { rows } = await client.query(
    "select protocol, arch, regs from board_changes order by arch",
  );
  await client.close();
  expect(rows).toEqual([
    { protocol: "p", arch: "mlp-128", regs: "none" },
    { protocol: "p", arch: "mlp-64", regs: "none" },
  ]);
});
