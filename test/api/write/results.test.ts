import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BoardRow } from "../../../record/board/board-row.ts";
import { findReceipt } from "../../../db/read/log-page.ts";
import { boardChanges, challenges, entries, leaves } from "../../../db/schema.ts";
import type { Receipt } from "../../../record/log/log-proof.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { aResult, alice, bob, idOf } from "../../world/statements.ts";
import { type Laboratory, openPeopledLaboratory, refused } from "../../world/laboratory.ts";
import { challenge, entry } from "../../world/visitor.ts";

let laboratory: Laboratory;
beforeAll(async () => {
  laboratory = await openPeopledLaboratory();
});
afterAll(() => laboratory.close());

const PATH = "/v1/results";

test("200 submissions of one result at once: one row, two leaves, one receipt", async () => {
  const { db, send, logSize, changes } = laboratory;
  const result = aResult(await challenge(laboratory));
  const envelope = await sealEnvelope("result", result, [alice.seed]);
  const [size, before] = [await logSize(), changes()];
  const answers = await Promise.all(Array.from({ length: 200 }, () => send(PATH, envelope)));
  const statuses = answers.map(({ status }) => status).sort((a, b) => b - a);
  expect(statuses).toEqual([201, ...Array<number>(199).fill(200)]);
  const receipts = new Set(await Promise.all(answers.map((answer) => answer.text())));
  expect(receipts.size).toBe(1);
  const [receipt] = [...receipts].map((text) => JSON.parse(text) as Receipt);
  expect(receipt).toMatchObject({ id: idOf(result), index: size });
  expect(await findReceipt(db, idOf(result))).toEqual(receipt);
  expect(await logSize()).toBe(size + 2); // the result, and its challenge's outcome
  expect(await db.select({ id: entries.id }).from(entries)).toEqual([{ id: idOf(result) }]);
  expect(changes()).toBe(before + 1);
  const [issued] = await db.select().from(challenges);
  expect(issued).toMatchObject({ outcome: "completed", outcomeLeaf: size + 1 });
  expect((await db.select().from(boardChanges)).length).toBeGreaterThan(0);
  const kinds = (await db.select().from(leaves)).map(({ kind }) => kind);
  expect(kinds).toEqual(["key", "key", "challenge", "result", "outcome"]);
});

test("a challenge that was met is over for every other result", async () => {
  const { result } = await entry(laboratory);
  const other = { ...result, machine: { ...result.machine, cores: 4 } };
  const problem = await refused(laboratory, () => laboratory.submit(PATH, "result", other));
  expect(problem.name).toBe("stale-challenge");
  expect(problem.detail).toContain("completed");
});

test("a result that comes too late is refused, and its challenge's end is logged behind it", async () => {
  const issued = await challenge(laboratory);
  laboratory.wait(7 * 86_400);
  const submit = () => laboratory.submit(PATH, "result", aResult(issued));
  const answer = await submit();
  expect(((await answer.json()) as { type: string }).type).toBe("/problems/stale-challenge");
  await laboratory.settle();
  const [row] = await laboratory.db.select().from(challenges).where(eq(challenges.id, issued.id));
  expect(row!.outcome).toBe("expired");
  expect((await refused(laboratory, submit)).detail).toContain("expired");
});

test("a result of the same counts is accepted with a note, and replaces an earlier one", async () => {
  const { receipt: earlier } = await entry(laboratory);
  const { receipt } = await entry(laboratory, (result) => ({ ...result, supersedes: earlier.id }));
  const rows = await laboratory.db.select().from(entries);
  const { notes } = JSON.parse(rows.find(({ id }) => id === receipt.id)!.fixed) as BoardRow;
  expect(notes).toContainEqual(
    expect.objectContaining({ kind: "bit-identical", entry: rows[0]!.id }),
  );
});

test("nobody replaces another key's entry", async () => {
  const { receipt } = await entry(laboratory);
  const issued = await challenge(laboratory, {}, bob);
  const result = { ...aResult(issued), supersedes: receipt.id };
  const problem = await refused(laboratory, () => laboratory.submit(PATH, "result", result, bob));
  expect(problem.name).toBe("not-the-signer");
});

test("no entry is replaced by one of another configuration", async () => {
  const { receipt } = await entry(laboratory);
  const issued = await challenge(laboratory, { regs: "aug" });
  const result = { ...aResult(issued), supersedes: receipt.id };
  const problem = await refused(laboratory, () => laboratory.submit(PATH, "result", result));
  expect(problem.name).toBe("unknown-statement");
  expect(problem.errors.map(({ pointer }) => pointer)).toEqual(["/regs"]);
});

test("a database that fails is no client's fault: nothing is told of it", async () => {
  const { deployment, send, reported } = laboratory;
  const envelope = await sealEnvelope("result", aResult(null), [alice.seed]);
  const working = { ...deployment };
  deployment.open = () => Promise.reject(new Error("password of the database"));
  const answer = await send(PATH, envelope);
  Object.assign(deployment, working);
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("password");
  expect(reported).toHaveLength(1);
});
