import { afterAll, beforeAll, expect, test } from "vitest";
import { LogPage, StatementDocument } from "../../../record/answers/documents.ts";
import { openInclusionProof } from "../../../record/log/log-proof.ts";
import { openEnvelope } from "../../../record/statement/envelope.ts";
import { protocolId } from "../../../record/protocols.ts";
import { micro } from "../../world/runs.ts";
import { problemOf, moderate } from "../../world/visitor.ts";
import { type Laboratory, checkpoint, logKey, openEventfulRoom } from "../../world/laboratory.ts";

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
