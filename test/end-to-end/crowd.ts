/** @file Many who send the same result at the same moment. */

import { expect, test } from "vitest";
import { createClient, realNetwork } from "../../harness/listing/client.ts";
import { LogPage } from "../../record/answers/documents.ts";
import { Receipt } from "../../record/log/log-proof.ts";
import { type Envelope, sealEnvelope } from "../../record/statement/envelope.ts";
import { challenge, visitor } from "../world/visitor.ts";
import { aResult, alice, idOf } from "../world/statements.ts";
import { BOARD_PATIENCE, type Stage } from "./stage.ts";

/**
 * Everybody comes with the client of the command line, as a server may send some away for a moment: a Worker opens a
 * connection for each request, and PostgreSQL has 97 of them; a server waits five seconds for one of its few.
 *
 * @param stage whose server has not met Alice.
 */
export function crowdIsServed(stage: () => Stage): void {
  test("200 submissions of one result at once: one row, one leaf of it, one receipt", async () => {
    const { url, board, get } = stage();
    const someone = visitor(url);
    expect((await someone.register()).status).toBe(201);
    const result = aResult(await challenge(someone));
    const size = await stage().size();
    const { answers, sentAway } = await crowd(
      url,
      await sealEnvelope("result", result, [alice.seed]),
    );
    expect(sentAway.every((wait) => wait > 0)).toBe(true);
    const statuses = answers.map(({ status }) => status).sort((a, b) => b - a);
    expect(statuses).toEqual([201, ...Array<number>(199).fill(200)]);
    expect(new Set(answers.map(({ answer }) => JSON.stringify(answer))).size).toBe(1);
    const id = idOf(result);
    expect(answers[0]!.answer).toMatchObject({ id, index: size });
    const rows = async () => (await board(`?key=${alice.key}`)).rows.map(({ entry }) => entry);
    await expect.poll(rows, BOARD_PATIENCE).toEqual([id]);
    const { size: now, leaves } = await get("/v1/log/entries?limit=200", LogPage);
    expect(now).toBe(size + 2); // the result, and its challenge's outcome
    expect(leaves.filter(({ digest }) => digest === id)).toHaveLength(1);
  }, 120_000);
}

/** @returns also the seconds that 503s asked to wait. */
async function crowd(api: string, envelope: Envelope) {
  const sentAway: number[] = [];
  const network = {
    ...realNetwork,
    async fetch(url: string, init: RequestInit) {
      const answer = await fetch(url, init);
      if (answer.status === 503) sentAway.push(Number(answer.headers.get("retry-after")));
      return answer;
    },
  };
  const send = () => createClient({ api, network }).post("/v1/results", envelope, Receipt);
  return { answers: await Promise.all(Array.from({ length: 200 }, send)), sentAway };
}
