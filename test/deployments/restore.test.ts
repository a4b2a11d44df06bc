import { asc } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Db } from "../../db/db.ts";
import { refreshBoards } from "../../db/board/refresh-boards.ts";
import { type OpenedDatabase, openPglite } from "../../db/stores/open-pglite.ts";
import { verifierKeyOf } from "../../db/append-leaf.ts";
import { dumpLines } from "../../db/dump/dump.ts";
import { INDEX_TABLES, reindex } from "../../db/dump/reindex.ts";
import { restore } from "../../db/dump/restore.ts";
import * as schema from "../../db/schema.ts";
import { parseCheckpoint } from "../../record/log/checkpoint.ts";
import { createApp } from "../../api/app.ts";
import { type Laboratory, openPeopledLaboratory } from "../world/laboratory.ts";
import { entry } from "../world/visitor.ts";
import { idOf } from "../world/statements.ts";
import { preparedFiles } from "../world/databases.ts";

let laboratory: Laboratory;
let lines: string[];
let copy: OpenedDatabase;
let empty: OpenedDatabase;

beforeAll(async () => {
  laboratory = await openPeopledLaboratory();
  const { result } = await entry(laboratory);
  await entry(laboratory, (each) => ({ ...each, supersedes: idOf(result) }));
  const { key } = result;
  const at = laboratory.deployment.now();
  await laboratory.db.insert(schema.keyNames).values({ key, name: "Alice", at });
  await refreshBoards(laboratory.db);
  lines = await collected(dumpLines(laboratory.db, laboratory.deployment.keeper));
  [copy, empty] = [
    await openPglite(null, await preparedFiles()),
    await openPglite(null, await preparedFiles()),
  ];
});
afterAll(async () => {
  await laboratory.close();
  await copy.close();
  await empty.close();
});

async function* given(texts: readonly string[]): AsyncGenerator<string> {
  for (const text of texts) yield await Promise.resolve(text);
}

async function collected(texts: AsyncIterable<string>): Promise<string[]> {
  const all = [];
  for await (const text of texts) all.push(text);
  return all;
}

/** Everything that is computed from the leaves; a board's version only says how often it was computed. */
const indexRows = async (db: Db) =>
  Promise.all(
    INDEX_TABLES.map(async (table) => {
      const rows = (await db.select().from(table)) as Record<string, unknown>[];
      return rows.map(({ version: _, ...row }) => JSON.stringify(row)).sort();
    }),
  );

const boardOf = async (db: Db, query: string) => {
  const deployment = {
    ...laboratory.deployment,
    open: () => Promise.resolve({ db, close: () => Promise.resolve() }),
  };
  const answer = await createApp(() => deployment).request(`/v1/boards/micro-1${query}`);
  expect(answer.status).toBe(200);
  return answer.text();
};

test("a dump restored into an empty database gives the same root and the same board, byte by byte", async () => {
  const { checkpoint } = JSON.parse(lines[0]!) as { checkpoint: string };
  const key = await verifierKeyOf(laboratory.deployment.keeper);
  const restored = await restore(copy.db, given(lines), key);
  expect(restored.root).toEqual(parseCheckpoint(checkpoint.split("\n\n")[0] + "\n")!.root);
  for (const query of ["", "?sort=gap&order=descending", "?state=superseded"])
    expect(await boardOf(copy.db, query)).toBe(await boardOf(laboratory.db, query));
  expect(await boardOf(copy.db, "")).toContain('"Alice"');
  expect(await indexRows(copy.db)).toEqual(await indexRows(laboratory.db));
  for (const table of [schema.leaves, schema.logNodes])
    expect(await copy.db.select().from(table).orderBy(asc(table.index))).toEqual(
      await laboratory.db.select().from(table).orderBy(asc(table.index)),
    );
  expect(await collected(dumpLines(copy.db, laboratory.deployment.keeper))).toEqual(lines);
});

test("a database that is not empty takes no dump", async () => {
  await expect(restore(laboratory.db, given(lines), null)).rejects.toThrow(/not empty/);
});

test("an index that was spoiled is rebuilt from the leaves, and no version of a board comes twice", async () => {
  const { db } = laboratory;
  const before = await indexRows(db);
  const versions = new Map(
    (await db.select().from(schema.boards)).map(({ protocol, version }) => [protocol, version]),
  );
  await db.update(schema.entries).set({ runs: 1, state: "retracted", complexityMean: 0.5 });
  await db.update(schema.challenges).set({ outcome: null });
  expect(await reindex(db)).toBe(await db.$count(schema.leaves));
  expect(await indexRows(db)).toEqual(before);
  for (const { protocol, version } of await db.select().from(schema.boards))
    expect(version).toBeGreaterThan(versions.get(protocol)!);
});

type Line = Record<string, unknown>;

/** The dump with one line changed. */
const changed = (at: number, change: (line: Line) => Line): string[] =>
  lines.with(at, JSON.stringify(change(JSON.parse(lines[at]!) as Line)));

const flipped = (text: unknown, at: number) => {
  const body = String(text);
  return `${body.slice(0, at)}${body[at] === "A" ? "B" : "A"}${body.slice(at + 1)}`;
};

const kindAt = (kind: string) =>
  lines.findIndex((line) => (JSON.parse(line) as Line).kind === kind);

test.each<[string, () => string[], RegExp]>([
  ["a missing leaf", () => lines.toSpliced(2, 1), /line 3 of the dump: leaf 2 where 1 belongs/],
  [
    "two leaves in each other's places",
    () => lines.with(1, lines[2]!).with(2, lines[1]!),
    /line 2/,
  ],
  ["a dump cut short", () => lines.slice(0, 4), /promises/],
  [
    "a character of a result",
    () => changed(kindAt("result"), (line) => ({ ...line, body: flipped(line.body, 5000) })),
    /signature|digest/,
  ],
  [
    "another nonce of a challenge",
    () =>
      changed(kindAt("challenge"), (line) => {
        const body = JSON.parse(String(line.body)) as { challenge: Line };
        body.challenge.nonce = "0".repeat(64);
        return { ...line, body: JSON.stringify(body) };
      }),
    /seeds do not follow/,
  ],
  [
    "an outcome made better",
    () =>
      changed(kindAt("outcome"), (line) => ({
        ...line,
        body: String(line.body).replace("completed", "expired"),
      })),
    /digest/,
  ],
  [
    "a checkpoint of another size",
    () =>
      changed(2, (line) => ({ ...line, checkpoint: (JSON.parse(lines[1]!) as Line).checkpoint })),
    /another tree/,
  ],
  [
    "the digest of another leaf",
    () => changed(1, (line) => ({ ...line, digest: "0".repeat(64) })),
    /digest/,
  ],
  ["another log's key", () => changed(0, (line) => ({ ...line, origin: "other" })), /no dump/],
  ["half a line", () => lines.with(2, lines[2]!.slice(0, 100)), /no JSON/],
])("%s is refused, and nothing is stored", async (_, dump, reason) => {
  await expect(restore(empty.db, given(dump()), null)).rejects.toThrow(reason);
  expect(await empty.db.$count(schema.leaves)).toBe(0);
});

test("a dump of another log is refused where the log's key is known", async () => {
  const other = await verifierKeyOf({ origin: "log.test/1", seed: new Uint8Array(32) });
  await expect(restore(empty.db, given(lines), other)).rejects.toThrow(/not by/);
});
