/** @file Many who send the same result at the same moment. */

import { expect, test } from "vitest";
import { LogPage } from "../../record/documents/log-document.ts";
import type { Receipt } from "../../record/log/log-entry.ts";
import { sealEnvelope } from "../../record/statement/envelope.ts";
import { visitor } from "../homes/visitor.ts";
import { aResult, alice, idOf } from "../record/statement/factories.ts";
import type { Stage } from "./stage.ts";

/** @param stage whose server has not met Alice. */
export function crowdIsServed(stage: () => Stage): void {
  test("200 submissions of one result at once: one row, one leaf of it, one receipt", async () => {
    const { url, board, get } = stage();
    const someone = visitor(url);
    expect((await someone.register()).status).toBe(201);
    const result = aResult(await someone.challenge(1));
    const body = JSON.stringify(await sealEnvelope("result", result, [alice.seed]));
    const send = async () => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${url}/v1/results`, { method: "POST", headers, body });
      return { status: answer.status, text: await answer.text() };
    };
    const size = await stage().size();
    const answers = await Promise.all(Array.from({ length: 200 }, send));
    const statuses = answers.map(({ status }) => status).sort((a, b) => b - a);
    expect(statuses).toEqual([201, ...Array<number>(199).fill(200)]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const id = idOf(result);
    expect(JSON.parse(answers[0]!.text) as Receipt).toMatchObject({ id, index: size });
    const rows = async () => (await board(`?key=${alice.key}`)).rows.map(({ entry }) => entry);
    await expect.poll(rows, { timeout: 2000, interval: 50 }).toEqual([id]);
    const { size: now, leaves } = await get("/v1/log/entries?limit=200", LogPage);
    expect(now).toBe(size + 2); // the result, and its challenge's outcome
    expect(leaves.filter(({ digest }) => digest === id)).toHaveLength(1);
  }, 60_000);
}
