import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dumpFileLines } from "../../api/node/dump-file-lines.ts";
import { OperatorError } from "../../db/db.ts";
import { type OpenedDatabase, openPglite } from "../../db/stores/open-pglite.ts";
import { restore } from "../../db/dump/restore.ts";
import * as schema from "../../db/schema.ts";
import { AT, type Leaf, dumpOf, given, leaf, registration } from "../db/made-dump.ts";
import { canonicalDigest } from "../../record/canonical-json.ts";
import { aResult, alice, bob } from "../world/statements.ts";
import { preparedFiles } from "../world/databases.ts";

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
