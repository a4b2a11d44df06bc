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

test("retractions from before their keys were kept get them from the log, and rows concerned are told anew", async () => {
  const { client, rest } = await migratedBefore("_void_retractions.sql");
  const payload = Buffer.from('{"key":"thief","reason":"\u00fc","statement":"r"}').toString(
    "base64",
  );
  const entry = (id: string, arch: string, supersedes = "null") =>
    `('${id}', 0, 0, 'k', 'p${id}', '${arch}', 'none', 'cpu', 0, now(), 1, '', '', 'challenged', '', '', ${supersedes})`;
  await client.exec(`insert into leaves values
    (4, 'retraction', 'd4', convert_to('{"payload":"${payload}"}', 'UTF8'), '', '2026-03-01T12:00:00Z'),
    (5, 'retraction', 'd5', convert_to('{"payload":"${payload}"}', 'UTF8'), '', '2026-03-02T12:00:00Z')`);
  await client.exec(`insert into entries (id, number, leaf, key, protocol, arch, regs, device, params,
    received_at, runs, fixed, measured, state, standing, operator_notes, supersedes) values
    ${entry("a", "cnn-8")}, ${entry("b", "cnn-16")}, ${entry("c", "mlp-64", "'a'")}, ${entry("d", "mlp-128")}`);
  await client.exec(`insert into reproductions values
    ('r', 3, 'a', 'k', 'c', 'agree', '[]', true, now())`);
  await client.exec("insert into retractions values ('d4', 4, 'r', 'no'), ('d5', 5, 'b', 'no')");
  await client.exec(`insert into moderations values
    ('m', 6, 'note', 'a', 'odd'), ('n', 7, 'note', 'p', 'odd'), ('o', 8, 'erase-name', 'a', 'asked')`);
  await run(client, rest.slice(0, 1)); // a later one has every row told anew
  const read = async (query: string) => (await client.query(query)).rows;
  expect(
    await read("select statement, entry, key, received_at from retractions order by id"),
  ).toEqual([
    { statement: "r", entry: "a", key: "thief", received_at: new Date("2026-03-01T12:00:00Z") },
    { statement: "b", entry: "b", key: "thief", received_at: new Date("2026-03-02T12:00:00Z") },
  ]);
  expect(await read("select id, entry from moderations order by id")).toEqual([
    { id: "m", entry: "a" },
    { id: "n", entry: null },
    { id: "o", entry: null },
  ]);
  expect(await read("select arch from board_changes order by arch")).toEqual([
    { arch: "cnn-16" },
    { arch: "cnn-8" },
    { arch: "mlp-64" },
  ]);
  // which entry stands for its configuration is told of every row
  await run(client, rest.slice(1));
  const told = await read("select distinct arch from board_changes order by arch");
  expect(told).toEqual(["cnn-16", "cnn-8", "mlp-128", "mlp-64"].map((arch) => ({ arch })));
  await client.close();
});

test("counts from before their claims were kept get them, and rows with contested ones are told anew", async () => {
  const { client, rest } = await migratedBefore("_same_counts.sql");
  const entry = (id: string, leaf: number, key: string, challenge: string, arch = "cnn-8") =>
    `('${id}', ${leaf}, ${leaf}, '${key}', 'p', '${arch}', 'none', 'cpu', 0, '2026-03-02T12:00:00Z', 1, '', '',
      '${id === "d" ? "disputed" : "challenged"}', '{"supersededBy":null}', '', ${challenge})`;
  await client.exec(`insert into keys (key, registered_at, revoked_from, next, holder) values
    ('k', now(), null, null, 'k'), ('gone', now(), '2026-03-01T12:00:00Z', null, 'gone')`);
  await client.exec(`insert into entries (id, number, leaf, key, protocol, arch, regs, device, params, received_at, runs,
    fixed, measured, state, standing, operator_notes, challenge) values ${entry("a", 1, "k", "'c'")},
    ${entry("b", 2, "k", "null", "cnn-16")}, ${entry("c", 3, "k", "null")}, ${entry("d", 4, "gone", "null")}`);
  const payload = Buffer.from('{"fresh":[{"seed":77}]}').toString("base64");
  await client.exec(`insert into leaves values
    (5, 'reproduction', 'r', convert_to('{"payload":"${payload}"}', 'UTF8'), '', '2026-03-02T12:00:00Z')`);
  await client.exec(
    `insert into reproductions values ('r', 5, 'a', 'k', 'c', 'agree', '[]', now())`,
  );
  await client.exec(`insert into retractions (id, leaf, statement, entry, key, reason, received_at) values
    ('x', 6, 'a', 'a', 'k', 'no', now())`);
  await client.exec(`insert into moderations (id, leaf, action, subject, entry, reason) values ('m', 7, 'quarantine', 'c', 'c', 'odd'),
    ('n', 8, 'unquarantine', 'c', 'c', 'not odd'), ('o', 9, 'note', 'c', 'c', 'odd')`);
  const counts = (digest: string, id: string, seed: number, arch = "cnn-8") =>
    `('${digest}', '${id}', 'p', '${arch}', 'none', ${seed})`;
  await client.exec(`insert into run_counts values ${counts("1", "a", 1)}, ${counts("1", "b", 1, "cnn-16")},
    ${counts("2", "c", 2)}, ${counts("2", "d", 2)}, ${counts("3", "r", 3)}, ${counts("4", "r", 77)}`);
  await run(client, rest);
  const read = async (query: string) => (await client.query(query)).rows;
  expect(
    await read(`select digest || statement as of, leaf, challenged, stands, contested
      from run_counts order by digest, statement`),
  ).toEqual([
    { of: "1a", leaf: 1, challenged: true, stands: false, contested: true },
    { of: "1b", leaf: 2, challenged: false, stands: true, contested: true },
    { of: "2c", leaf: 3, challenged: false, stands: true, contested: false },
    { of: "2d", leaf: 4, challenged: false, stands: false, contested: false },
    { of: "3r", leaf: 5, challenged: false, stands: true, contested: false },
    { of: "4r", leaf: 5, challenged: true, stands: true, contested: false },
  ]);
  const standings = (await read("select standing from entries order by id")) as {
    standing: string;
  }[];
  expect(standings.slice(2).map(({ standing }) => standing)).toEqual([
    '{"supersededBy":null,"disputedFor":[],"weighs":true}',
    '{"supersededBy":null,"disputedFor":["disagreement"],"weighs":true}',
  ]);
  expect(await read("select arch from board_changes order by arch")).toEqual([
    { arch: "cnn-16" },
    { arch: "cnn-8" },
  ]);
  await client.close();
});

test("ranks from before there were editions are shown until the next refresh", async () => {
  const { client, rest } = await migratedBefore("_rank_editions.sql");
  await client.exec("insert into boards values ('p', 1, 1, 1, '{}')");
  await client.exec("insert into board_ranks values ('p', 'gap', '\\x01'), ('p', 'bits', '\\x02')");
  await run(client, rest);
  const { rows } = await client.query(
    'select "column" from boards join board_ranks using (protocol, edition) order by 1',
  );
  await client.close();
  expect(rows).toEqual([{ column: "bits" }, { column: "gap" }]);
});
