import { globSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openKeeper } from "../../../api/node/open-database.ts";
import { readSettings } from "../../../api/server-settings.ts";
import { verifierKeyOf } from "../../../db/append-leaf.ts";
import type { Db } from "../../../db/db.ts";
import { dumpLines } from "../../../db/dump/dump.ts";
import { reindex } from "../../../db/dump/reindex.ts";
import { restore } from "../../../db/dump/restore.ts";
import { customSources, entries } from "../../../db/schema.ts";
import { EntryDocument, EntryRuns } from "../../../record/answers/documents.ts";
import { BoardPage } from "../../../record/board/board-row.ts";
import { SOURCE_BYTES } from "../../../record/custom-code.ts";
import { protocolId } from "../../../record/protocols.ts";
import { type Envelope, sealBytes } from "../../../record/statement/envelope.ts";
import { canonicalJson } from "../../../record/canonical-json.ts";
import {
  ALSO,
  COLLIDING,
  aCustomResult,
  configured,
  customChallenge,
  digestOf,
  listedCustom,
} from "../../world/custom-results.ts";
import { openTestDatabase } from "../../world/databases.ts";
import { type Laboratory, openReadingRoom, refused } from "../../world/laboratory.ts";
import { micro } from "../../world/runs.ts";
import { aResult, alice, bob } from "../../world/statements.ts";
import { challenge, moderate, problemOf, retract } from "../../world/visitor.ts";

let room: Laboratory;

beforeAll(async () => {
  room = await openReadingRoom();
});
afterAll(() => room.close());

const THROWS = 'throw new Error("run by a server");\nprocess.exit(1);\n';
const digest = (own: string) => digestOf(own);

test("two sources can have one name: their digests share eight digits", () => {
  expect(digest(COLLIDING)).not.toBe(digest(ALSO));
  expect(configured({ source: ALSO }).arch).toBe(configured({ source: COLLIDING }).arch);
});

describe("the first source of a name keeps it", () => {
  test("while a challenge that commits to it is open, another's commitment and result are refused", async () => {
    const name = "open-name";
    const first = await customChallenge(room, { source: COLLIDING, name });
    const other = { source: ALSO, name };
    const commitment = { ...first.commitment, ...configured(other), key: bob.key };
    const refusal = await refused(room, () =>
      room.submit("/v1/challenges", "commitment", commitment, bob),
    );
    expect(refusal).toMatchObject({ name: "taken-name", status: 409 });
    expect(refusal.errors).toEqual([
      {
        pointer: "/source",
        rule: expect.stringContaining(`SHA-256 ${digest(COLLIDING)}, until 2026-`) as string,
        found: `SHA-256 ${digest(ALSO)}`,
      },
    ]);
    const result = { ...aCustomResult(other), key: bob.key };
    const listing = await refused(room, () => room.submit("/v1/results", "result", result, bob));
    expect(listing.name).toBe("taken-name");
    // a regularizer is another kind
    await customChallenge(room, { regSource: ALSO, name });
    await retract(room, first.id, "to free the name");
    expect(await listedCustom(room, other)).toMatch(/^[0-9a-f]{64}$/);
    const late = await refused(room, () =>
      room.submit("/v1/challenges", "commitment", {
        ...first.commitment,
        unique: "8".repeat(64),
      }),
    );
    expect(late.errors[0]!.rule).toBe(
      `the source that ${configured(other).arch} stands for here, with SHA-256 ${digest(ALSO)}`,
    );
  });

  test("once it is shown, for good, whatever becomes of its entry", async () => {
    const name = "kept-name";
    const id = await listedCustom(room, { source: COLLIDING, name });
    const other = aCustomResult({ source: ALSO, name });
    const names = async () =>
      (await refused(room, () => room.submit("/v1/results", "result", other))).name;
    expect(await names()).toBe("taken-name");
    await moderate(room, "quarantine", id, "to see who has the name then");
    expect(await names()).toBe("taken-name");
    await moderate(room, "unquarantine", id, "seen");
    await retract(room, id, "a mistake");
    expect(await names()).toBe("taken-name");
    await listedCustom(room, { source: COLLIDING, name, regs: "wd=0.005" });
  });

  test("what names stand for is computed from the leaves alone", async () => {
    const before = await room.db.select().from(customSources);
    expect(before.length).toBeGreaterThan(3);
    await reindex(room.db);
    expect(await room.db.select().from(customSources)).toEqual(before);
    const copy = await openTestDatabase();
    await restore(copy.db, dumpLines(room.db, room.deployment.keeper), null);
    expect(await copy.db.select().from(customSources)).toEqual(before);
    await copy.close();
  });
});

describe("a quarantine withholds source", () => {
  const SECRET = "export default () => 'the source that must not be shown';\n";
  const own = { source: SECRET, name: "withheld" };
  let room: Laboratory;
  let id: string;
  let reproduction: string;

  beforeAll(async () => {
    room = await openReadingRoom();
    id = await listedCustom(room, own);
    reproduction = await reproducedCustom(id);
    await room.refresh();
  });
  afterAll(() => room.close());

  /** By Bob. */
  async function reproducedCustom(entry: string): Promise<string> {
    const changes = { ...configured(own), reproduces: entry };
    const issued = await challenge(room, changes, bob);
    const { supersedes: _, ...measured } = aCustomResult(own, issued);
    for (const verdict of ["disagree", "agree", "inconclusive"] as const) {
      const statement = { ...measured, key: bob.key, entry, verdict };
      const answer = await room.submit("/v1/reproductions", "reproduction", statement, bob);
      if (answer.ok) return ((await answer.json()) as { id: string }).id;
    }
    throw new Error("no verdict was accepted");
  }

  const paths = () => [
    ...["", "/envelope", "/runs", "/proof"].map((part) => `/v1/entries/${id}${part}`),
    ...[id, reproduction].map((each) => `/v1/log/statements/${each}`),
    ...[`/v1/sources/${id}/arch.txt`, `/entries/${id}`, `/v1/badge/${id}.svg`],
    ...[`/v1/log/entries?entry=${id}`, `/v1/receipts/${id}`, `/v1/ids/${id.slice(0, 8)}`],
    ...["", "?state=quarantined", "?custom=ranked"].map((query) => `/v1/boards/micro-1${query}`),
    ...["micro-1.csv", "micro-1.jsonl.gz", "log.jsonl.gz"].map((name) => `/v1/export/${name}`),
    ...["/v1/log/tile/entries/000.p/8", `/v1/challenges?arch=${configured(own).arch}`],
  ];
  /** Addresses whose answer holds the source, in plain text or in base64. */
  async function showing(): Promise<string[]> {
    const shown: string[] = [];
    for (const path of paths()) {
      const answer = await room.get(path);
      const bytes = Buffer.from(await answer.arrayBuffer());
      const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
      if (text.includes("must not be shown") || BASE64.some((part) => text.includes(part)))
        shown.push(path);
    }
    return shown;
  }
  const BASE64 = [0, 1, 2].map((skip) => {
    const part = Buffer.from("the source that must not be shown".slice(skip));
    return part.subarray(0, 24).toString("base64");
  });

  const openly = () => [
    `/v1/entries/${id}/envelope`,
    ...[id, reproduction].map((each) => `/v1/log/statements/${each}`),
    `/v1/sources/${id}/arch.txt`,
    "/v1/export/micro-1.jsonl.gz",
    "/v1/export/log.jsonl.gz",
  ];

  test("on no address, and an unquarantine brings it back", async () => {
    expect(await showing()).toEqual(openly());
    await moderate(room, "quarantine", id, "by a court's order");
    expect(await showing()).toEqual([]); // at once, before boards are refreshed
    await room.refresh();
    expect(await showing()).toEqual([]);
    const refusal = await problemOf(await room.get(`/v1/entries/${id}/envelope`));
    expect(refusal).toMatchObject({ status: 403, name: "withheld" });
    expect((await room.get(`/v1/entries/${id}/runs`)).status).toBe(200);
    const csv = await (await room.get("/v1/export/micro-1.csv")).text();
    expect(csv).toContain(digest(SECRET));
  });

  test("a dump for everybody holds the digest alone, and is restored all the same", async () => {
    const lines = await collected(dumpLines(room.db, room.deployment.keeper, "everybody"));
    const withheld = lines.filter((line) => line.includes('{\\"withheld\\"'));
    expect(withheld).toHaveLength(2);
    const copy = await openTestDatabase();
    const restored = await restore(copy.db, Readable.from(lines) as AsyncIterable<string>, null);
    expect(restored).toMatchObject({ leaves: lines.length - 1, withheld: 2 });
    await expect(asKeeper(copy.db)).rejects.toThrow(/withholds statements.* not continued/);
    await reindex(copy.db);
    expect(await copy.db.$count(entries)).toBe((await room.db.$count(entries)) - 1);
    expect(await collected(dumpLines(copy.db, room.deployment.keeper))).toEqual(lines);
    await copy.close();
    const own = await collected(dumpLines(room.db, room.deployment.keeper));
    expect(own.some((line) => line.includes('{\\"withheld\\"'))).toBe(false);
  });

  /** As a server that goes on with the room's log. */
  async function asKeeper(db: Db) {
    const { origin, seed } = room.deployment.keeper;
    const environment = { RADEMARK_LOG_SEED: bytesToHex(seed), RADEMARK_LOG_ORIGIN: origin };
    return openKeeper(readSettings(environment), mkdtempSync(join(tmpdir(), "keeper-")), db);
  }

  test("a dump for everybody is nothing to go on from, as names would be forgotten; the operator's is", async () => {
    const { keeper } = room.deployment;
    const key = await verifierKeyOf(keeper);
    const [copy, whole] = [await openTestDatabase(), await openTestDatabase()];
    await expect(restore(copy.db, dumpLines(room.db, keeper, "everybody"), key)).rejects.toThrow(
      /leaf \d+ is withheld, so the log cannot be continued from it/,
    );
    expect(await copy.db.$count(entries)).toBe(0);
    await restore(whole.db, dumpLines(room.db, keeper), key);
    expect((await asKeeper(whole.db)).origin).toBe(keeper.origin);
    for (const { close } of [copy, whole]) await close();
  });

  /** The operator's dump, in which the last leaf of a kind is withheld for the sake of a subject, or its own. */
  async function hiding(kind: "result" | "reproduction", subject?: string) {
    const lines = await collected(dumpLines(room.db, room.deployment.keeper));
    const at = lines.findLastIndex((line) => line.includes(`"kind":"${kind}"`));
    const { body: _, ...leaf } = JSON.parse(lines[at]!) as { digest: string; body: string };
    const withheld = subject ?? leaf.digest;
    lines[at] = JSON.stringify({ ...leaf, body: JSON.stringify({ withheld }) });
    const copy = await openTestDatabase();
    const refusal = await restore(copy.db, Readable.from(lines) as AsyncIterable<string>, null)
      .then(() => null)
      .catch((error: unknown) => (error as Error).message);
    await copy.close();
    return refusal;
  }

  test("a dump that withholds what no operator quarantined is refused, whatever else was", async () => {
    expect(await hiding("reproduction")).toContain(`${reproduction} is not quarantined`);
    const sake = `withheld for another statement's sake, ${id}`;
    expect(await hiding("reproduction", id)).toContain(sake); // the result is there
    await listedCustom(room, { source: SECRET, name: "withheld", regs: "wd=0.005" });
    expect(await hiding("result", id)).toContain(sake);
  });

  test("a reproduction alone is withheld alone, and all comes back", async () => {
    await moderate(room, "unquarantine", id, "the order was lifted");
    expect(await showing()).toEqual(openly());
    await moderate(room, "quarantine", reproduction, "invented counts");
    expect(await showing()).toEqual(openly().filter((path) => !path.includes(reproduction)));
    await moderate(room, "unquarantine", reproduction, "they were not");
    expect(await hiding("reproduction")).toContain(`${reproduction} is not quarantined`);
  });
});

async function collected(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

test("a commitment to a regularizer by another digest than its name is refused", async () => {
  const commitment = { key: alice.key, ...configured({ regSource: COLLIDING, name: "a-reg" }) };
  const issued = await customChallenge(room, { regSource: COLLIDING, name: "a-reg" });
  const wrong = { ...issued.commitment, ...commitment, regSource: "f".repeat(64) };
  const refusal = await refused(room, () => room.submit("/v1/challenges", "commitment", wrong));
  expect(refusal).toMatchObject({ name: "malformed-statement" });
  expect(refusal.errors[0]!.pointer).toBe("/regSource");
});

test("a server stores and shows source that would throw, and runs nothing", async () => {
  const id = await listedCustom(room, { source: THROWS, regSource: THROWS, name: "throws" });
  await room.refresh();
  const { row } = await room.read(`/v1/entries/${id}`, EntryDocument);
  expect(row.code).toEqual({
    source: digest(THROWS),
    regSource: digest(THROWS),
    customTaps: ["first block", "second block"],
  });
  for (const kind of ["arch", "reg"]) {
    const answer = await room.get(`/v1/sources/${id}/${kind}.txt`);
    expect(await answer.text()).toBe(THROWS);
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="throws.ts"');
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  }
  expect(room.reported).toEqual([]);
});

/** What would make code of a text, or load a file whose name is no constant. */
const RUNS =
  /\beval\s*\(|new Function\b|node:vm|\bimport\((?!")|createRequire|data:text\/javascript/;

test("no file of the server could run a text", () => {
  const files = ["api", "db", "record"].flatMap((room) => globSync(join(room, "**/*.ts")));
  expect(files.length).toBeGreaterThan(100);
  for (const file of files)
    expect([file, RUNS.exec(readFileSync(file, "utf8"))]).toEqual([file, null]);
});

test("two sources of 64 kB fit into a request as it is, even where JSON writes every character as two", async () => {
  const quotes = '"'.repeat(SOURCE_BYTES);
  const slashes = "\\".repeat(SOURCE_BYTES);
  await listedCustom(room, { source: quotes, regSource: slashes, name: "long" });
});

test("a statement of version 0.2.0, without the members that came later, is listed as without custom code, and restored", async () => {
  const { regSource: _, ...former } = aResult(null);
  const panel = former.panel.map(({ customTaps: _t, measures: _m, timing, ...run }) => {
    const { measureSeconds: _s, ...then } = timing;
    return { ...run, timing: then };
  });
  const bytes = utf8ToBytes(canonicalJson({ ...former, panel, regs: "wd=0.0625" }));
  expect(new TextDecoder().decode(bytes)).not.toMatch(
    /regSource|customTaps|measureSeconds|"measures"/,
  );
  const relabelled = JSON.parse(new TextDecoder().decode(bytes)) as typeof former;
  const named = {
    ...relabelled,
    panel: relabelled.panel.map((run) => ({ ...run, regs: "wd=0.0625" })),
  };
  const envelope: Envelope = await sealBytes("result", utf8ToBytes(canonicalJson(named)), [
    alice.seed,
  ]);
  const answer = await room.send("/v1/results", envelope);
  expect(answer.status, await answer.clone().text()).toBe(201);
  const { id } = (await answer.json()) as { id: string };
  const same = async () => {
    await room.refresh();
    const { row } = await room.read(`/v1/entries/${id}`, EntryDocument);
    expect(row).toMatchObject({ custom: false, code: null });
    const runs = await room.read(`/v1/entries/${id}/runs`, EntryRuns);
    expect(runs.panel[0]).toMatchObject({ customTaps: null, measures: null });
    return row;
  };
  const listed = await same();
  await reindex(room.db);
  expect(await same()).toEqual(listed);
  const board = await room.read("/v1/boards/micro-1?custom=hidden", BoardPage);
  expect(board.rows.map(({ entry }) => entry)).toContain(id);
  expect(board.protocol.id).toBe(protocolId(micro));
  const copy = await openTestDatabase();
  await restore(copy.db, dumpLines(room.db, room.deployment.keeper), null);
  await copy.close();
});
