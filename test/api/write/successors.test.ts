import { bytesToHex } from "@noble/hashes/utils.js";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  standingOf,
  type Laboratory,
  openPeopledLaboratory,
  refused,
} from "../../world/laboratory.ts";
import { entries } from "../../../db/schema.ts";
import type { BoardRow } from "../../../record/board/board-row.ts";
import type { Standing } from "../../../record/board/standing.ts";
import { EntryDocument, KeyDocument } from "../../../record/answers/documents.ts";
import { publicKeyOf } from "../../../record/signature/ed25519.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { aResult, alice, bob } from "../../world/statements.ts";
import { syntheticResult } from "../../../bench/load/synthetic.ts";
import { challenge, entry } from "../../world/visitor.ts";

const successor = await keyOf(30);
let laboratory: Laboratory;
let id: string;
beforeAll(async () => {
  laboratory = await openPeopledLaboratory();
  id = (await entry(laboratory)).receipt.id;
  await replace(alice, 30);
});
afterAll(() => laboratory.close());

async function keyOf(byte: number): Promise<typeof alice> {
  const seed = new Uint8Array(32).fill(byte);
  return { seed, key: bytesToHex(await publicKeyOf(seed)) };
}

async function replace(holder: typeof alice, byte: number): Promise<typeof alice> {
  const { seed, key: next } = await keyOf(byte);
  const at = laboratory.deployment.now().toISOString();
  const rotation = { action: "rotate", key: holder.key, next, at } as const;
  const envelope = await sealEnvelope("key", rotation, [holder.seed, seed]);
  expect((await laboratory.send("/v1/keys", { envelope, name: null })).status).toBe(201);
  return { seed, key: next };
}

test("what a key signed before it was replaced stands", async () => {
  expect((await standingOf(laboratory.db, id)).state).toBe("challenged");
});

test("a key's successor is no other key: its reproduction counts for nothing", async () => {
  const issued = await challenge(laboratory, { reproduces: id }, successor);
  const { supersedes: _, ...measured } = aResult(issued);
  const statement = { ...measured, entry: id, verdict: "agree" } as const;
  const path = "/v1/reproductions";
  const answer = await laboratory.submit(path, "reproduction", statement, successor);
  expect(answer.status).toBe(201);
  expect(await standingOf(laboratory.db, id)).toMatchObject({
    state: "challenged",
    selfReproduced: true,
  });
});

test("a key's successor replaces and takes back what the old key signed; others do not", async () => {
  const issued = await challenge(laboratory, {}, successor);
  const result = { ...aResult(issued), supersedes: id };
  expect((await laboratory.submit("/v1/results", "result", result, successor)).status).toBe(201);
  expect((await standingOf(laboratory.db, id)).state).toBe("superseded");
  const retract = (holder: typeof alice) => {
    const retraction = { key: holder.key, statement: id, reason: "a wrong flag" };
    return laboratory.submit("/v1/retractions", "retraction", retraction, holder);
  };
  expect((await refused(laboratory, () => retract(bob))).name).toBe("not-the-signer");
  expect((await refused(laboratory, () => retract(alice))).name).toBe("revoked-key");
  expect((await retract(successor)).status).toBe(201);
  expect((await standingOf(laboratory.db, id)).state).toBe("retracted");
});

test("challenges of a key and of those that replaced it are counted together, on the rows of each", async () => {
  const arch = "cnn-16";
  const submitted = async (holder: typeof alice) => {
    const issued = await challenge(laboratory, { arch }, holder);
    const result = aResult(issued);
    const answer = await laboratory.submit("/v1/results", "result", result, holder);
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { id: string }).id;
  };
  const carol = await keyOf(40);
  await laboratory.register(carol);
  const first = await submitted(carol);
  await challenge(laboratory, { arch }, bob);
  await challenge(laboratory, { arch }, carol); // never heard of again
  const last = await replace(await replace(carol, 41), 42);
  await challenge(laboratory, { arch }, last);
  const second = await submitted(last);
  const [stored] = await laboratory.db.select().from(entries).where(eq(entries.id, second));
  expect((JSON.parse(stored!.standing) as Standing).challenges.byKey).toEqual({
    issued: 4,
    completed: 1, // that of its own challenge is logged right behind it
  });
  for (const id of [first, second])
    expect((await standingOf(laboratory.db, id)).challenges).toEqual({
      byKey: { issued: 4, completed: 2 },
      byAnybody: { issued: 5, completed: 2 },
    });
});

test("a key's successor is noted beside a near duplicate that the old key listed", async () => {
  const listed = async (holder: typeof alice, regs: string, number: number) => {
    const issued = await challenge(laboratory, { arch: "mlp-64", regs }, holder);
    const result = syntheticResult(number, issued);
    const answer = await laboratory.submit("/v1/results", "result", result, holder);
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { id: string }).id;
  };
  const dave = await keyOf(50);
  await laboratory.register(dave);
  const first = await listed(dave, "wd=0.005", 7001);
  await listed(bob, "wd=0.005", 7002);
  const second = await listed(await replace(dave, 51), "wd=0.0050001", 7003);
  const [stored] = await laboratory.db.select().from(entries).where(eq(entries.id, second));
  expect((JSON.parse(stored!.fixed) as BoardRow).notes).toContainEqual({
    kind: "near-duplicate",
    text: "Next to nothing differs from mlp-64 wd=0.005, an entry of the same holder.",
    entry: first,
  });
});

test("two keys of one holder are one reproducer, whose latest word counts", async () => {
  const reproduce = async (holder: typeof alice) => {
    const issued = await challenge(laboratory, { reproduces: id }, holder);
    const { supersedes: _, ...measured } = aResult(issued);
    const statement = { ...measured, entry: id, verdict: "agree" } as const;
    const answer = await laboratory.submit("/v1/reproductions", "reproduction", statement, holder);
    expect(answer.status).toBe(201);
  };
  await reproduce(bob);
  const bobs = await replace(bob, 31);
  await reproduce(bobs);
  const bobsLast = await replace(bobs, 32);
  await reproduce(bobsLast);
  expect((await standingOf(laboratory.db, id)).reproductions).toEqual({
    agree: 1,
    disagree: 0,
    inconclusive: 0,
  });
});

test("an entry's page calls a successor's reproduction the submitter's own", async () => {
  const answer = await laboratory.app.request(`/v1/entries/${id}`);
  const { reproductions, events } = EntryDocument.parse(await answer.json());
  expect(reproductions.map(({ own }) => own)).toEqual([true, false, false, false]);
  expect(events.map(({ text }) => text).join()).toContain("by the submitter's own key");
  const key = await laboratory.app.request(`/v1/keys/${successor.key}`);
  expect(KeyDocument.parse(await key.json()).reproductions).toBe(0);
});
