import { afterAll, beforeAll, expect, test } from "vitest";
import { boardChanges, challenges, leaves } from "../../../db/schema.ts";
import { expireChallenges } from "../../../api/accept/expire-challenges.ts";
import { ChallengeDocument } from "../../../record/answers/documents.ts";
import { freshSeeds } from "../../../record/statement/challenge.ts";
import type { Commitment } from "../../../record/statement/statements.ts";
import { aCommitment, alice, hex } from "../../world/statements.ts";
import { FORMER_ID } from "../../world/former-version.ts";
import { type Laboratory, openPeopledLaboratory, refused } from "../../world/laboratory.ts";
import { challenge, entry } from "../../world/visitor.ts";

let laboratory: Laboratory;
beforeAll(async () => {
  laboratory = await openPeopledLaboratory();
});
afterAll(() => laboratory.close());

const commit = (changes: Partial<Commitment>) =>
  laboratory.submit("/v1/challenges", "commitment", aCommitment(changes));

test("a commitment is answered with seeds that follow from it, and again with the same", async () => {
  const first = await commit({});
  expect(first.status).toBe(201);
  const document = ChallengeDocument.parse(await first.json());
  const { challenge, commitment, outcome, receipt } = document;
  expect(challenge.seeds).toEqual(freshSeeds(challenge, 3));
  expect(commitment).toEqual(aCommitment());
  expect(Date.parse(challenge.expiresAt) - Date.parse(challenge.issuedAt)).toBe(7 * 86_400_000);
  expect(outcome).toBeNull();
  expect(receipt.id).toBe(challenge.id);
  laboratory.wait(1);
  const again = await commit({});
  expect(again.status).toBe(200);
  expect(await again.json()).toEqual(document);
  expect(await laboratory.db.select().from(boardChanges)).toMatchObject([{ regs: "none" }]);
});

test("ten commitments at once open three challenges, no more", async () => {
  laboratory.wait(8 * 86_400);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => commit({ unique: hex(100 + i) })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([201, 201, 201, ...Array<number>(7).fill(429)]);
  const problem = await refused(laboratory, () => commit({ unique: hex(200) }));
  expect(problem.name).toBe("too-many-challenges");
  const answer = await commit({ unique: hex(200) });
  expect(Number(answer.headers.get("retry-after"))).toBe(7 * 86_400);
});

test("challenges that nobody met end in public, once", async () => {
  const { db, deployment, logSize } = laboratory;
  laboratory.wait(8 * 86_400);
  const open = (await db.select().from(challenges)).filter(({ outcome }) => outcome === null);
  expect(open.length).toBeGreaterThanOrEqual(3);
  const size = await logSize();
  await Promise.all([expireChallenges(deployment), expireChallenges(deployment)]);
  expect(await logSize()).toBe(size + open.length);
  const outcomes = (await db.select().from(challenges)).map(({ outcome }) => outcome);
  expect(new Set(outcomes)).toEqual(new Set(["expired"]));
  expect((await db.select().from(leaves)).at(-1)!.kind).toBe("outcome");
});

test.each<[string, Partial<Commitment>, string, string]>([
  ["to an unknown protocol", { protocol: hex(1) }, "unknown-protocol", "/protocol"],
  ["to a protocol of version 0.1", { protocol: FORMER_ID }, "unknown-protocol", "/protocol"],
  ["to an unknown architecture", { arch: "gpt-5" }, "malformed-statement", "/arch"],
  ["to regularizers in another order", { regs: "aug,wd=0.1" }, "malformed-statement", "/regs"],
  ["to a recipe that is not there", { regs: "recipe" }, "malformed-statement", "/regs"],
  ["with an old harness", { harness: "0.0.9" }, "old-harness", "/harness"],
  ["to reproduce nothing", { reproduces: hex(5) }, "unknown-statement", "/reproduces"],
])("a commitment %s is refused", async (_, changes, name, pointer) => {
  const problem = await refused(laboratory, () => commit({ unique: hex(300), ...changes }));
  expect([problem.name, problem.errors[0]!.pointer]).toEqual([name, pointer]);
});

test("a commitment to reproduce an entry is one to its configuration", async () => {
  const { receipt } = await entry(laboratory);
  const problem = await refused(laboratory, () => commit({ reproduces: receipt.id, regs: "aug" }));
  expect(problem.name).toBe("wrong-reproduction");
  expect(problem.errors.map(({ pointer }) => pointer)).toEqual(["/regs"]);
});

test("a challenge that is given up has failed, with the reason", async () => {
  const issued = await challenge(laboratory);
  const retraction = { key: alice.key, statement: issued.id, reason: "the disk was full" };
  const retract = () => laboratory.submit("/v1/retractions", "retraction", retraction);
  expect((await retract()).status).toBe(201);
  expect((await retract()).status).toBe(200);
  const document = ChallengeDocument.parse(await (await commit(issued.commitment)).json());
  expect(document.outcome).toMatchObject({ outcome: "failed", reason: retraction.reason });
  const other = { ...retraction, reason: "twice" };
  const problem = await refused(laboratory, () =>
    laboratory.submit("/v1/retractions", "retraction", other),
  );
  expect(problem.name).toBe("already-done");
});

test("a challenge that is over cannot be given up", async () => {
  const { result } = await entry(laboratory);
  const retraction = { key: alice.key, statement: result.challenge!, reason: "too late" };
  const problem = await refused(laboratory, () =>
    laboratory.submit("/v1/retractions", "retraction", retraction),
  );
  expect(problem.name).toBe("stale-challenge");
});
