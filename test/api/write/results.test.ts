import { afterAll, beforeAll, expect, test } from "vitest";
import { boardChanges, challenges, entries, leaves } from "../../../db/schema.ts";
import { findReceipt } from "../../../db/read/find-leaf.ts";
import type { Receipt } from "../../../record/log/log-entry.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { aResult, alice, idOf } from "../../record/statement/factories.ts";
import { challenge, openPeopledLaboratory, type Laboratory } from "./laboratory.ts";

let laboratory: Laboratory;
beforeAll(async () => {
  laboratory = await openPeopledLaboratory();
});
afterAll(() => laboratory.close());

test("200 submissions of one result at once: one row, two leaves, one receipt", async () => {
  const { db, send, logSize, changes } = laboratory;
  const result = aResult(await challenge(laboratory));
  const envelope = await sealEnvelope("result", result, [alice.seed]);
  const [size, before] = [await logSize(), changes()];
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => send("/v1/results", envelope)),
  );
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
  expect((await db.select().from(leaves)).map(({ kind }) => kind)).toEqual([
    "key",
    "key",
    "challenge",
    "result",
    "outcome",
  ]);
});
