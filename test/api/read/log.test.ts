import { describe, afterAll, beforeAll, expect, test } from "vitest";
import {
  LogPage,
  StatementDocument,
  EntryDocument,
  HealthDocument,
} from "../../../record/answers/documents.ts";
import {
  openInclusionProof,
  ConsistencyProof,
  InclusionProof,
  Receipt,
  openConsistencyProof,
} from "../../../record/log/log-proof.ts";
import { openEnvelope } from "../../../record/statement/envelope.ts";
import { protocolId } from "../../../record/protocols.ts";
import { micro } from "../../world/runs.ts";
import { problemOf, moderate } from "../../world/visitor.ts";
import { type Laboratory, checkpoint, logKey, openEventfulRoom } from "../../world/laboratory.ts";
import { openCheckpoint } from "../../../record/log/checkpoint.ts";
import { leafHash } from "../../../record/log/merkle-tree.ts";

describe("leaves", () => {
  let room: Laboratory;
  let ids: string[];
  beforeAll(async () => void ({ room, ids } = await openEventfulRoom()));
  afterAll(() => room.close());

  test("whatever stands in the log is given with its envelope and a proof of its leaf", async () => {
    const { leaves } = await room.read("/v1/log/entries?limit=200", LogPage);
    const log = await logKey(room);
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
    const { size } = await checkpoint(room);
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
    for (const kinds of [
      ["key"],
      ["moderation", "retraction"],
      ["result", "outcome", "challenge"],
    ]) {
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
});

describe("proofs", () => {
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
      expect((await openConsistencyProof(proof, seen.checkpoint, await logKey(room))).ok).toBe(
        true,
      );
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
    for (const path of [
      `0/000.p/${size + 1}`,
      "0/000",
      "1/000",
      "0/0",
      "63/000.p/1",
      "%00",
      "a/b/c",
    ])
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
});
