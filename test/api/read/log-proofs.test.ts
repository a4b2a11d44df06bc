import { afterAll, beforeAll, expect, test } from "vitest";
import { EntryDocument, HealthDocument } from "../../../record/answers/documents.ts";
import { openCheckpoint } from "../../../record/log/checkpoint.ts";
import {
  ConsistencyProof,
  InclusionProof,
  Receipt,
  openConsistencyProof,
  openInclusionProof,
} from "../../../record/log/log-proof.ts";
import { leafHash } from "../../../record/log/merkle-tree.ts";
import { problemOf } from "../../world/visitor.ts";
import { type Laboratory, checkpoint, logKey, openEventfulRoom } from "../../world/laboratory.ts";

let room: Laboratory;
let ids: string[];
let reproduction: string;
beforeAll(async () => void ({ room, ids, reproduction } = await openEventfulRoom()));
afterAll(() => room.close());

test("an entry is proved to be in the log, by its newest checkpoint and by every one since", async () => {
  const { size } = await checkpoint(room);
  const newest = await room.read(`/v1/entries/${ids[0]}/proof`, InclusionProof);
  for (let older = newest.index + 1; older <= size; older++) {
    const path = `/v1/entries/${ids[0]}/proof?size=${older}`;
    const opened = await openInclusionProof(
      await room.read(path, InclusionProof),
      await logKey(room),
    );
    expect(opened).toMatchObject({ ok: true, checkpoint: { size: older } });
  }
  for (const wrong of [newest.index, size + 1, "9".repeat(16), "-1", "x"]) {
    const answer = await room.get(`/v1/entries/${ids[0]}/proof?size=${wrong}`);
    expect((await problemOf(answer)).errors[0]!.pointer).toBe("/size");
  }
});

test("the log is proved to have only grown, from every older size", async () => {
  const { size } = await checkpoint(room);
  for (let older = 1; older <= size; older++) {
    const proof = await room.read(`/v1/log/consistency/${older}`, ConsistencyProof);
    const note = await room.db.query.leaves.findFirst({
      where: (leaf, { eq }) => eq(leaf.index, older - 1),
    });
    const seen = await openCheckpoint(note!.checkpoint, await logKey(room));
    if (!seen.ok) throw new Error(seen.reason);
    expect((await openConsistencyProof(proof, seen.checkpoint, await logKey(room))).ok).toBe(true);
  }
  expect((await room.get(`/v1/log/consistency/${size + 1}`)).status).toBe(404);
});

test("tiles hold the hashes of the entries that bundles hold", async () => {
  const { size } = await checkpoint(room);
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
    expect((await openCheckpoint(receipt.checkpoint, await logKey(room))).ok).toBe(true);
  }
  expect((await room.get(`/v1/receipts/${"0".repeat(64)}`)).status).toBe(404);
});

test("health tells the log's size", async () => {
  const { log } = await room.read("/v1/health", HealthDocument);
  expect(log.size).toBe((await checkpoint(room)).size);
});
