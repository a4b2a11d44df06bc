import { gunzipSync } from "node:zlib";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { DumpHeader, DumpLeaf } from "../../../record/log/dump-lines.ts";
import {
  ChallengeDocument,
  ChallengeList,
  ProtocolDocument,
  ProtocolList,
} from "../../../record/answers/documents.ts";
import { Receipt } from "../../../record/log/log-proof.ts";
import { protocolId } from "../../../record/protocols.ts";
import { alice, bob } from "../../world/statements.ts";
import { micro } from "../../world/runs.ts";
import { type Laboratory, checkpoint, openEventfulRoom } from "../../world/laboratory.ts";

let room: Laboratory;
let ids: string[];
beforeAll(async () => void ({ room, ids } = await openEventfulRoom()));
afterAll(() => room.close());

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

test("a configuration's challenges are asked for with its protocol, along an index", async () => {
  const answer = await room.get("/v1/challenges?arch=mlp-512&regs=none");
  const rule = "given beside `arch` or `regs`, as a configuration is one of a protocol";
  expect(await answer.json()).toMatchObject({
    ...{ status: 400, detail: `protocol: ${rule}.` },
    errors: [{ pointer: "/protocol", rule, found: "nothing" }],
  });
});

test("protocols are listed with their ids, which are those of their documents", async () => {
  const { protocols } = await room.read("/v1/protocols", ProtocolList);
  expect(protocols.find(({ name }) => name === "micro-1")!.entries).toBe(3);
  const { id, document } = await room.read("/v1/protocols/micro-1", ProtocolDocument);
  expect([protocolId(document), document]).toEqual([id, micro]);
});

test("schemas are served by name", async () => {
  const { schemas } = await room.read("/v1/schemas", z.object({ schemas: z.array(z.string()) }));
  expect(schemas).toContain("result");
  for (const name of schemas) expect((await room.get(`/v1/schemas/${name}`)).status).toBe(200);
  expect((await room.get("/v1/schemas/constructor")).status).toBe(404);
});

test("the table neutralizes what a spreadsheet would compute", async () => {
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
  const [head, ...rest] = (await unzipped("/v1/export/log.jsonl.gz")) as [
    DumpHeader,
    ...DumpLeaf[],
  ];
  const { size } = await checkpoint(room);
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
    { name: { key: alice.key, name: "=Alice", at: room.deployment.now().toISOString() } },
  ]);
});
