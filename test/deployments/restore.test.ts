import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, gunzipSync } from "node:zlib";
import { asc } from "drizzle-orm";
import { describe, afterAll, beforeAll, expect, test } from "vitest";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Db, OperatorError } from "../../db/db.ts";
import { refreshBoards } from "../../db/board/refresh-boards.ts";
import { type OpenedDatabase, openPglite } from "../../db/stores/open-pglite.ts";
import { verifierKeyOf } from "../../db/append-leaf.ts";
import { dumpLines } from "../../db/dump/dump.ts";
import { INDEX_TABLES, reindex } from "../../db/dump/reindex.ts";
import { restore } from "../../db/dump/restore.ts";
import * as schema from "../../db/schema.ts";
import { openCheckpoint, parseCheckpoint, parseVerifierKey } from "../../record/log/checkpoint.ts";
import { createApp } from "../../api/app.ts";
import { type Laboratory, openPeopledLaboratory, openReadingRoom } from "../world/laboratory.ts";
import { entry, listed } from "../world/visitor.ts";
import { idOf, aResult, alice, bob } from "../world/statements.ts";
import { preparedFiles } from "../world/databases.ts";
import { dumpFileLines } from "../../api/node/dump-file-lines.ts";
import { AT, type Leaf, dumpOf, given, leaf, registration } from "../world/made-dump.ts";
import { canonicalDigest } from "../../record/canonical-json.ts";
import { mirror } from "../../api/node/mirror.ts";
import type { RunningServer } from "../../api/node/serve.ts";
import { BoardPage } from "../../record/board/board-row.ts";

describe("a log is restored", () => {
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

  test("its leaves begin another's log, who signs for them at the times that they had", async () => {
    const own = { origin: "own.test/1", seed: new Uint8Array(32).fill(3) };
    const begun = await openPglite(null, await preparedFiles());
    const restored = await restore(begun.db, given(lines), own);
    const dumped = await collected(dumpLines(begun.db, own));
    expect(dumped.slice(1).map(unsigned)).toEqual(lines.slice(1).map(unsigned));
    const key = parseVerifierKey(await verifierKeyOf(own))!;
    for (const [i, line] of dumped.slice(1, 1 + restored.leaves).entries()) {
      const opened = await openCheckpoint((JSON.parse(line) as Line).checkpoint as string, key);
      expect(opened).toMatchObject({ ok: true, checkpoint: { size: i + 1 } });
    }
    expect(await boardOf(begun.db, "")).toBe(await boardOf(laboratory.db, ""));
    await expect(restore(empty.db, given(lines.with(1, lines[2]!)), own)).rejects.toThrow(/line 2/);
    await begun.close();
  });

  const unsigned = (line: string) => ({ ...(JSON.parse(line) as Line), checkpoint: null });

  test("a database that is not empty takes no dump", async () => {
    await expect(restore(laboratory.db, given(lines), null)).rejects.toThrow(/not empty/);
  });

  test("an index that was spoiled is rebuilt from the leaves, and no version of a board comes twice", async () => {
    const { db } = laboratory;
    const before = await indexRows(db);
    const versions = new Map(
      (await db.select().from(schema.boards)).map(({ protocol, version }) => [protocol, version]),
    );
    await db
      .update(schema.entries)
      .set({ runs: 1, state: "retracted", learnedComplexityMean: 0.5 });
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
});

describe("a hostile dump", () => {
  const folder = mkdtempSync(join(tmpdir(), "rademark-hostile-"));
  let empty: OpenedDatabase;
  beforeAll(async () => {
    empty = await openPglite(null, await preparedFiles());
  });
  afterAll(async () => {
    await empty.close();
    rmSync(folder, { recursive: true });
  });

  const erasure = () =>
    leaf(
      "moderation",
      { key: bob.key, action: "erase-name", subject: alice.key, reason: "asked for", at: AT },
      bob,
    );
  const named = (name: string | null, at = AT) => ({ key: alice.key, name, at });

  test("a dump of one's own making is restored while it is in order", async () => {
    const copy = await openPglite(null, await preparedFiles());
    const lines = await dumpOf([await registration()], [named("Ada")]);
    expect((await restore(copy.db, given([...lines, "", ""]), null)).leaves).toBe(1);
    expect(await copy.db.select().from(schema.keyNames)).toMatchObject([{ name: "Ada" }]);
    await copy.close();
  });

  const outcome = (): Leaf => {
    const [challenge, reason] = ["ab".repeat(32), null];
    const document = { challenge, outcome: "expired", statement: null, reason, at: AT } as const;
    return { kind: "outcome", digest: canonicalDigest(document), body: JSON.stringify(document) };
  };

  test.each<[string, () => Promise<string[]>, RegExp]>([
    [
      "the same leaf twice",
      async () => dumpOf([await registration(), await registration()]),
      /line 3 of the dump: it does not go with the lines before it/,
    ],
    [
      "a key registered twice",
      async () => dumpOf([await registration(), await registration("2026-03-02T12:00:00Z")]),
      /line 3 of the dump: it does not go with the lines before it/,
    ],
    [
      "a result by a key that was never registered",
      async () => dumpOf([await leaf("result", aResult(null))]),
      /does not go with the lines before it/,
    ],
    [
      "a result of another server's protocol",
      async () =>
        dumpOf([
          await registration(),
          await leaf("result", { ...aResult(null), protocol: "0".repeat(64) }),
        ]),
      /line 3 of the dump: a protocol that this version does not know/,
    ],
    ["the end of a challenge never issued", async () => dumpOf([outcome()]), /line 2/],
    [
      "a name full of markup",
      async () => dumpOf([await registration()], [named("<b>Ada</b>")]),
      /line 3 of the dump: a name that breaks a rule \(none of < >/,
    ],
    [
      "a name that runs from right to left",
      async () => dumpOf([await registration()], [named("Ada\u202e")]),
      /no control, bidi/,
    ],
    [
      "a name of nobody",
      async () => dumpOf([], [named("Ada")]),
      /line 2 of the dump: a name of a key/,
    ],
    [
      "two names of a key",
      async () => dumpOf([await registration()], [named("Ada"), named("Eve")]),
      /line 4 of the dump: a second name/,
    ],
    [
      "a name that was erased",
      async () => dumpOf([await registration(), await erasure()], [named("Ada")]),
      /line 4 of the dump: a name that was erased/,
    ],
    [
      "a time that no database keeps",
      async () => dumpOf([await registration()], [named(null, "0000-01-01T00:00:00Z")]),
      /line 3/,
    ],
  ])("%s is refused with the line, and nothing is stored", async (_, dump, reason) => {
    const error = await restore(empty.db, given(await dump()), null).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(OperatorError);
    expect((error as Error).message).toMatch(reason);
    expect((error as Error).message).not.toMatch(/insert|select/i);
    for (const table of [schema.leaves, schema.logNodes, schema.keys, schema.keyNames])
      expect(await empty.db.$count(table)).toBe(0);
  });

  async function readAll(name: string, bytes: Uint8Array): Promise<string[]> {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    const lines = [];
    for await (const line of dumpFileLines(file)) lines.push(line);
    return lines;
  }

  test("a file's lines are its own, however they fall into chunks, in gzip as well", async () => {
    const long = "ä€😀".repeat(100_000);
    const text = `${long}\n\n${long}x\nend`;
    for (const name of ["dump.jsonl", "dump.jsonl.gz"]) {
      const bytes = utf8ToBytes(text);
      const lines = await readAll(name, name.endsWith(".gz") ? gzipSync(bytes) : bytes);
      expect(lines.map((line) => bytesToHex(sha256(utf8ToBytes(line))))).toEqual(
        text.split("\n").map((line) => bytesToHex(sha256(utf8ToBytes(line)))),
      );
    }
  });

  test.each<[string, string, Uint8Array, RegExp]>([
    ["bytes that are no UTF-8", "bad.jsonl", Uint8Array.of(123, 255, 125), /cannot be read/],
    ["a character cut short", "cut.jsonl", Uint8Array.of(123, 0xe2, 0x82), /cannot be read/],
    [
      "a line without an end",
      "long.jsonl.gz",
      gzipSync(new Uint8Array(3e7).fill(65)),
      /line of more/,
    ],
    ["half a gzip file", "half.jsonl.gz", gzipSync("{}").subarray(0, 12), /cannot be read/],
  ])("%s is refused", async (_, name, bytes, reason) => {
    const error = await readAll(name, bytes).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(OperatorError);
    expect((error as Error).message).toMatch(reason);
  });
});

describe("a mirror", () => {
  const folder = mkdtempSync(join(tmpdir(), "rademark-mirror-"));
  const file = join(folder, "dump.jsonl");
  let room: Laboratory;
  let server: RunningServer;
  let dump: string;
  let entry: string;
  beforeAll(async () => {
    room = await openReadingRoom();
    entry = await listed(room);
    const lines = [];
    for await (const line of dumpLines(room.db, room.deployment.keeper)) lines.push(line);
    dump = `${lines.join("\n")}\n`;
    writeFileSync(file, dump);
    const report = (error: unknown) => expect(error).toBeUndefined();
    server = await mirror({ file, host: "127.0.0.1", port: 0, report });
  });
  afterAll(async () => {
    await server.close();
    await room.close();
    rmSync(folder, { recursive: true });
  });

  const get = (path: string) => fetch(`${server.url}${path}`);

  test("a mirror answers reads, with the log's own key and checkpoint", async () => {
    const board = BoardPage.parse(await (await get("/v1/boards/micro-1")).json());
    expect(board.rows.map((row) => row.entry)).toEqual([entry]);
    const key = await get("/v1/log/key");
    expect(await key.text()).toBe(`${await verifierKeyOf(room.deployment.keeper)}\n`);
    expect(key.headers.get("access-control-allow-origin")).toBe("*");
    const { checkpoint } = JSON.parse(dump.split("\n")[0]!) as { checkpoint: string };
    expect(await (await get("/v1/log/checkpoint")).text()).toBe(checkpoint);
  });

  test("a mirror hands on the dump it was made of, whatever came into the file's place", async () => {
    writeFileSync(file, "another dump");
    const answer = await get("/v1/export/log.jsonl.gz");
    expect(answer.headers.get("content-type")).toBe("application/gzip");
    const text = gunzipSync(Buffer.from(await answer.arrayBuffer())).toString();
    expect(text.trimEnd()).toBe(dump.trimEnd());
  });

  test("a mirror takes nothing in", async () => {
    const answer = await fetch(`${server.url}/v1/keys`, { method: "POST", body: "{}" });
    expect(answer.status).toBe(405);
  });
});
