import { gunzipSync } from "node:zlib";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { DumpHead, DumpLeaf } from "../../../db/read/dump.ts";
import { ChallengeDocument } from "../../../record/documents/challenge-document.ts";
import { ChallengeList } from "../../../record/documents/challenge-list.ts";
import { ComparisonDocument } from "../../../record/documents/comparison-document.ts";
import { EntryDocument, EntryRuns } from "../../../record/documents/entry-document.ts";
import { HealthDocument } from "../../../record/documents/health-document.ts";
import { KeyDocument } from "../../../record/documents/key-document.ts";
import { LogPage } from "../../../record/documents/log-document.ts";
import { MeasuresDocument } from "../../../record/documents/measures-document.ts";
import { ProtocolDocument, ProtocolList } from "../../../record/documents/protocol-document.ts";
import { StatementDocument } from "../../../record/documents/statement-document.ts";
import { openCheckpoint, type Checkpoint } from "../../../record/log/checkpoint.ts";
import { Receipt } from "../../../record/log/log-entry.ts";
import {
  ConsistencyProof,
  InclusionProof,
  openConsistencyProof,
  openInclusionProof,
} from "../../../record/log/log-proof.ts";
import { leafHash } from "../../../record/log/merkle-tree.ts";
import { parseVerifierKey } from "../../../record/log/verifier-key.ts";
import { openEnvelope, readEnvelope } from "../../../record/statement/opened-envelope.ts";
import { protocolId } from "../../../record/protocols.ts";
import { alice, bob, micro } from "../../record/statement/factories.ts";
import { problemOf } from "../write/laboratory.ts";
import {
  listed,
  moderate,
  nameKey,
  openReadingRoom,
  reproduced,
  retract,
  type ReadingRoom,
} from "./reading-room.ts";

let room: ReadingRoom;
let ids: string[];
let reproduction: string;
beforeAll(async () => {
  room = await openReadingRoom();
  await nameKey(room, "=Alice"); // a formula, to a spreadsheet
  ids = [await listed(room), await listed(room, { regs: "wd=0.005" })];
  ids.push(await listed(room, { arch: "cnn-16" }));
  reproduction = await reproduced(room, ids[0]!);
  await moderate(room, "quarantine", ids[1]!, "looks copied");
  await moderate(room, "unquarantine", ids[1]!, "it was not");
  await retract(room, ids[2]!, "a wrong seed");
  await room.refresh();
});
afterAll(() => room.close());

const logKey = async () => parseVerifierKey((await (await room.get("/v1/log/key")).text()).trim())!;
const checkpoint = async (): Promise<Checkpoint> => {
  const note = await (await room.get("/v1/log/checkpoint")).text();
  const opened = await openCheckpoint(note, await logKey());
  if (!opened.ok) throw new Error(opened.reason);
  return opened.checkpoint;
};

test("an entry tells all that happened to it, in the order of the log", async () => {
  const kinds = async (id: string) => {
    const { events } = await room.read(`/v1/entries/${id}`, EntryDocument);
    const places = events.map(({ index }) => index);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    return events.map(({ kind }) => kind);
  };
  expect(await kinds(ids[0]!)).toEqual(["challenged", "submitted", "reproduced"]);
  expect(await kinds(ids[1]!)).toEqual(["challenged", "submitted", "moderated", "moderated"]);
  expect(await kinds(ids[2]!)).toEqual(["challenged", "submitted", "retracted"]);
});

test("an entry shows who reproduced it with which numbers", async () => {
  const document = await room.read(`/v1/entries/${ids[0]}`, EntryDocument);
  const [only] = document.reproductions;
  expect(only).toMatchObject({ id: reproduction, own: false, signer: { key: bob.key } });
  expect(only!.numbers.map(({ quantity }) => quantity)).toEqual(["complexity", "testAccuracy"]);
  expect(document.row.standing.state).toMatch(/reproduced|disputed/);
  expect(document.challenge!.outcome!.outcome).toBe("completed");
  expect(document.summary.complexity).toEqual(document.row.numbers.complexity);
  expect(document.row.signer.name).toBe("=Alice");
});

test("an entry's envelope is the bytes that were signed", async () => {
  const answer = await room.get(`/v1/entries/${ids[0]}/envelope`);
  expect(answer.headers.get("content-type")).toBe("application/vnd.dsse.envelope.v1+json");
  const opened = await readEnvelope(new Uint8Array(await answer.arrayBuffer()));
  expect(opened).toMatchObject({ ok: true, kind: "result", id: ids[0] });
});

test("an entry's runs come with what is computed from them", async () => {
  const { panel, fresh, metrics } = await room.read(`/v1/entries/${ids[0]}/runs`, EntryRuns);
  expect(panel.map(({ seed }) => seed)).toEqual(micro.panelSeeds);
  expect(metrics.map(({ seed }) => seed)).toEqual([...panel, ...fresh].map(({ seed }) => seed));
});

test("an entry is proved to be in the log, by its newest checkpoint and by every one since", async () => {
  const { size } = await checkpoint();
  const newest = await room.read(`/v1/entries/${ids[0]}/proof`, InclusionProof);
  for (let older = newest.index + 1; older <= size; older++) {
    const path = `/v1/entries/${ids[0]}/proof?size=${older}`;
    const opened = await openInclusionProof(await room.read(path, InclusionProof), await logKey());
    expect(opened).toMatchObject({ ok: true, checkpoint: { size: older } });
  }
  for (const wrong of [newest.index, size + 1, "9".repeat(16), "-1", "x"]) {
    const answer = await room.get(`/v1/entries/${ids[0]}/proof?size=${wrong}`);
    expect((await problemOf(answer)).errors[0]!.pointer).toBe("/size");
  }
});

test("the log is proved to have only grown, from every older size", async () => {
  const { size } = await checkpoint();
  for (let older = 1; older <= size; older++) {
    const proof = await room.read(`/v1/log/consistency/${older}`, ConsistencyProof);
    const note = await room.db.query.leaves.findFirst({
      where: (leaf, { eq }) => eq(leaf.index, older - 1),
    });
    const seen = await openCheckpoint(note!.checkpoint, await logKey());
    if (!seen.ok) throw new Error(seen.reason);
    expect((await openConsistencyProof(proof, seen.checkpoint, await logKey())).ok).toBe(true);
  }
  expect((await room.get(`/v1/log/consistency/${size + 1}`)).status).toBe(404);
});

test("tiles hold the hashes of the entries that bundles hold", async () => {
  const { size } = await checkpoint();
  const bytes = async (path: string) => {
    const answer = await room.get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toContain("immutable");
    return new Uint8Array(await answer.arrayBuffer());
  };
  const tile = await bytes(`/v1/log/tile/0/000.p/${size}`);
  const bundle = await bytes(`/v1/log/tile/entries/000.p/${size}`);
  expect(tile.length).toBe(32 * size);
  for (let i = 0, at = 0; i < size; i++) {
    const length = bundle[at]! * 256 + bundle[at + 1]!;
    const entry = bundle.slice(at + 2, at + 2 + length);
    expect(leafHash(entry)).toEqual(tile.slice(32 * i, 32 * (i + 1)));
    at += 2 + length;
  }
  for (const path of [`0/000.p/${size + 1}`, "0/000", "1/000", "0/0", "63/000.p/1", "%00", "a/b/c"])
    expect([path, (await room.get(`/v1/log/tile/${path}`)).status]).toEqual([path, 404]);
});

test("every accepted statement has its receipt", async () => {
  const { challenge } = await room.read(`/v1/entries/${ids[0]}`, EntryDocument);
  for (const id of [ids[0]!, reproduction, challenge!.challenge.id]) {
    const receipt = await room.read(`/v1/receipts/${id}`, Receipt);
    expect(receipt.id).toBe(id);
    expect((await openCheckpoint(receipt.checkpoint, await logKey())).ok).toBe(true);
  }
  expect((await room.get(`/v1/receipts/${"0".repeat(64)}`)).status).toBe(404);
});

test("whatever stands in the log is given with its envelope and a proof of its leaf", async () => {
  const { leaves } = await room.read("/v1/log/entries?limit=200", LogPage);
  const log = await logKey();
  for (const { kind, digest, index } of leaves) {
    const path = `/v1/log/statements/${digest}`;
    const document = await room.read(path, StatementDocument);
    const { envelope, challenge, challengeProof, proof } = document;
    expect(proof).toMatchObject({ entry: { kind, digest }, index });
    expect((await openInclusionProof(proof, log)).ok).toBe(true);
    const opened = await openEnvelope(envelope);
    if (!opened.ok) throw new Error(kind);
    if (kind === "challenge" || kind === "outcome") {
      expect([opened.kind, opened.id]).toEqual(["commitment", challenge!.challenge.id]);
      expect(challengeProof).toBeNull();
      const ofCommitment = await room.read(`/v1/log/statements/${opened.id}`, StatementDocument);
      expect(ofCommitment.proof.entry.kind).toBe("challenge");
    } else {
      expect([opened.kind, opened.id]).toEqual([kind, digest]);
      const { challenge: named = null } = opened.statement as { challenge?: string | null };
      expect(challenge?.challenge.id ?? null).toBe(named);
      if (challenge === null) expect(challengeProof).toBeNull();
      else {
        const { checkpoint } = proof;
        expect(challengeProof).toMatchObject({ index: challenge.receipt.index, checkpoint });
        expect((await openInclusionProof(challengeProof!, log)).ok).toBe(true);
      }
    }
  }
  const kinds = ["key", "challenge", "outcome", "result", "reproduction", "retraction"];
  expect(new Set(leaves.map(({ kind }) => kind))).toEqual(new Set([...kinds, "moderation"]));
  expect((await room.get(`/v1/log/statements/${"0".repeat(64)}`)).status).toBe(404);
});

test("the log's newest leaves come first, page after page, with public reasons", async () => {
  const { size } = await checkpoint();
  const seen: number[] = [];
  for (let next: number | null = size; next !== null;) {
    const page: LogPage = await room.read(`/v1/log/entries?limit=3&before=${next}`, LogPage);
    seen.push(...page.leaves.map(({ index }) => index));
    next = page.next;
  }
  expect(seen).toEqual(Array.from({ length: size }, (_, i) => size - 1 - i));
  const { leaves } = await room.read("/v1/log/entries", LogPage);
  const reasons = leaves.flatMap(({ kind, reason }) => (reason === null ? [] : [[kind, reason]]));
  expect(reasons).toEqual([
    ["retraction", "a wrong seed"],
    ["moderation", "it was not"],
    ["moderation", "looks copied"],
  ]);
});

test("the log's leaves of some kinds come page after page, and no others", async () => {
  const { leaves, size } = await room.read("/v1/log/entries?limit=200", LogPage);
  for (const kinds of [["key"], ["moderation", "retraction"], ["result", "outcome", "challenge"]]) {
    const expected = leaves.filter(({ kind }) => kinds.includes(kind));
    expect(expected.length).toBeGreaterThan(1);
    for (const limit of [1, 2, expected.length, 200]) {
      const path = `/v1/log/entries?kind=${kinds.join(",")}&limit=${limit}`;
      const seen: LogPage["leaves"] = [];
      for (let before: number | null = size, pages = 1; before !== null; pages++) {
        const page: LogPage = await room.read(`${path}&before=${before}`, LogPage);
        expect(page.size).toBe(size);
        seen.push(...page.leaves);
        before = page.next;
        if (before === null) expect(pages).toBe(Math.ceil(expected.length / limit));
      }
      expect(seen).toEqual(expected);
    }
  }
  const twice = await room.read("/v1/log/entries?kind=key,key", LogPage);
  expect(twice.leaves).toEqual(leaves.filter(({ kind }) => kind === "key"));
  for (const wrong of ["", "keys", "key,", "key;result", "commitment", "KEY", "key%0A"]) {
    const answer = await room.get(`/v1/log/entries?kind=${wrong}`);
    expect([wrong, (await problemOf(answer)).errors[0]!.pointer]).toEqual([wrong, "/kind"]);
  }
});

test("a leaf names the entry that it is or is about, and nothing that is no entry", async () => {
  await moderate(room, "note", protocolId(micro), "its images are old");
  const { leaves } = await room.read("/v1/log/entries", LogPage);
  const about = leaves.flatMap(({ kind, entry }) => (entry === null ? [] : [[kind, entry]]));
  expect(about).toEqual([
    ["retraction", ids[2]],
    ["moderation", ids[1]],
    ["moderation", ids[1]],
    ["reproduction", ids[0]],
    ["result", ids[2]],
    ["result", ids[1]],
    ["result", ids[0]],
  ]);
});

test("challenges are found by key and configuration, and by their ids", async () => {
  const all = await room.read("/v1/challenges", ChallengeList);
  expect(all.challenges).toHaveLength(4);
  const places = all.challenges.map(({ receipt }) => receipt.index);
  expect(places).toEqual(places.toSorted((a, b) => b - a));
  const own = await room.read(`/v1/challenges?key=${bob.key}`, ChallengeList);
  expect(own.challenges.map(({ commitment }) => commitment.reproduces)).toEqual([ids[0]]);
  const configuration = "protocol=micro-1&arch=mlp-512&regs=wd=0.005";
  const tried = await room.read(`/v1/challenges?${configuration}`, ChallengeList);
  expect(tried.challenges.map(({ outcome }) => outcome!.statement)).toEqual([ids[1]]);
  const first = await room.read("/v1/challenges?limit=3", ChallengeList);
  const rest = await room.read(`/v1/challenges?limit=3&before=${first.next}`, ChallengeList);
  expect([...first.challenges, ...rest.challenges]).toEqual(all.challenges);
  expect(rest.next).toBeNull();
  const [one] = all.challenges;
  expect(await room.read(`/v1/challenges/${one!.challenge.id}`, ChallengeDocument)).toEqual(one);
});

test("entries of one board are compared over the panel's seeds", async () => {
  const path = `/v1/compare?entries=${ids[1]},${ids[0]}`;
  const { rows, comparisons } = await room.read(path, ComparisonDocument);
  expect(rows.map(({ entry }) => entry)).toEqual([ids[1], ids[0]]);
  expect(comparisons.map(({ quantity }) => quantity)).toEqual([
    "complexity",
    "gap",
    "testAccuracy",
    "trainAccuracy",
  ]);
  expect(comparisons.every(({ seeds }) => seeds.join() === micro.panelSeeds.join())).toBe(true);
  for (const wrong of ["", "?entries=", `?entries=${ids[0]}`, `?entries=${ids[0]},${ids[0]}`])
    expect((await room.get(`/v1/compare${wrong}`)).status).toBe(400);
  const unknown = await room.get(`/v1/compare?entries=${ids[0]},${"0".repeat(64)}`);
  expect(unknown.status).toBe(404);
});

test("measures are scored over the entries that are shown", async () => {
  const { entries, measures } = await room.read("/v1/measures/micro-1", MeasuresDocument);
  expect(entries).toBe(2);
  expect(measures.find(({ name }) => name === "complexity")!.points).toHaveLength(2);
});

test("protocols are listed with their ids, which are those of their documents", async () => {
  const { protocols } = await room.read("/v1/protocols", ProtocolList);
  expect(protocols.find(({ name }) => name === "micro-1")!.entries).toBe(3);
  const { id, document } = await room.read("/v1/protocols/micro-1", ProtocolDocument);
  expect([protocolId(document), document]).toEqual([id, micro]);
});

test("a key is shown with its name and what it has signed", async () => {
  const key = await room.read(`/v1/keys/${alice.key}`, KeyDocument);
  expect(key).toMatchObject({ name: "=Alice", results: 2, reproductions: 0, next: null });
  expect(await room.read(`/v1/keys/${bob.key}`, KeyDocument)).toMatchObject({ reproductions: 1 });
});

test("the table neutralises what a spreadsheet would compute", async () => {
  const answer = await room.get("/v1/export/micro-1.csv");
  const rows = (await answer.text()).trimEnd().split("\r\n");
  expect(rows).toHaveLength(4);
  expect(rows[1]).toContain(",'=Alice,");
  expect(rows.every((row) => row.split(",").length === rows[0]!.split(",").length)).toBe(true);
  expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
});

async function unzipped(path: string): Promise<unknown[]> {
  const answer = await room.get(path);
  const text = gunzipSync(new Uint8Array(await answer.arrayBuffer())).toString();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

test("a board's export has a row, an envelope and a receipt for every entry", async () => {
  const entries = z
    .array(
      z.object({
        row: z.object({ entry: z.string() }),
        envelope: z.object({ payload: z.string() }),
        receipt: Receipt,
      }),
    )
    .parse(await unzipped("/v1/export/micro-1.jsonl.gz"));
  expect(entries.map(({ row }) => row.entry)).toEqual(ids);
  for (const { row, envelope, receipt } of entries) {
    expect(bytesToHex(sha256(Buffer.from(envelope.payload, "base64")))).toBe(row.entry);
    expect(receipt.id).toBe(row.entry);
  }
});

test("the log's dump holds every leaf's exact bytes, and the names beside", async () => {
  const [head, ...rest] = (await unzipped("/v1/export/log.jsonl.gz")) as [DumpHead, ...DumpLeaf[]];
  const { size } = await checkpoint();
  expect(head).toMatchObject({ rademark: "dump", version: 1, origin: "log.test/1", size });
  expect(head.verifierKey).toBe((await (await room.get("/v1/log/key")).text()).trim());
  const leaves = await room.db.query.leaves.findMany({
    orderBy: (leaf, { asc }) => asc(leaf.index),
  });
  const text = new TextDecoder();
  expect(rest.slice(0, size)).toEqual(
    leaves.map(({ body, at, ...leaf }) => ({
      ...leaf,
      at: at.toISOString(),
      body: text.decode(body),
    })),
  );
  expect(rest.slice(size)).toEqual([
    { name: { key: alice.key, name: "=Alice", at: room.home.now().toISOString() } },
  ]);
});

test("a badge is a picture of complexity and state", async () => {
  const answer = await room.get(`/v1/badge/${ids[1]}.svg`);
  const svg = await answer.text();
  expect(answer.headers.get("content-type")).toBe("image/svg+xml");
  expect(svg).toMatch(/complexity -?\d\.\d{3}.*challenged/);
  expect(svg.length).toBeLessThan(1500);
});

test("health tells the log's size", async () => {
  const { log } = await room.read("/v1/health", HealthDocument);
  expect(log.size).toBe((await checkpoint()).size);
});

test("schemas are served by name", async () => {
  const { schemas } = await room.read("/v1/schemas", z.object({ schemas: z.array(z.string()) }));
  expect(schemas).toContain("result");
  for (const name of schemas) expect((await room.get(`/v1/schemas/${name}`)).status).toBe(200);
  expect((await room.get("/v1/schemas/constructor")).status).toBe(404);
});

test("a configuration's challenges are asked for with its protocol, along an index", async () => {
  const answer = await room.get("/v1/challenges?arch=mlp-512&regs=none");
  const rule = "given beside `arch` or `regs`, as a configuration is one of a protocol";
  expect(await answer.json()).toMatchObject({
    ...{ status: 400, detail: `protocol: ${rule}.` },
    errors: [{ pointer: "/protocol", rule, found: "nothing" }],
  });
});
