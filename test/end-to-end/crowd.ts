/** @file Many who send the same result at the same moment. */

import { expect, test } from "vitest";
import { createClient } from "../../harness/client/client.ts";
import { realNetwork } from "../../harness/client/network.ts";
import { LogPage } from "../../record/documents/log-document.ts";
import { Receipt } from "../../record/log/log-entry.ts";
import { sealEnvelope, type Envelope } from "../../record/statement/envelope.ts";
import { visitor } from "../homes/visitor.ts";
import { aResult, alice, idOf } from "../record/statement/factories.ts";
import type { Stage } from "./stage.ts";

/**
 * @param stage whose server has not met Alice.
 * @param mayWait is the server free to send some away for a moment? A Worker is, which opens a connection to the
 *   database for each request: PostgreSQL has 97 for it.
 */
export function crowdIsServed(stage: () => Stage, mayWait: boolean): void {
  const until = mayWait ? ", which those who were told to wait sent again" : "";
  test(`200 submissions of one result at once${until}: one row, one leaf, one receipt`, async () => {
    const { url, board, get } = stage();
    const someone = visitor(url);
    expect((await someone.register()).status).toBe(201);
    const result = aResult(await someone.challenge(1));
    const size = await stage().size();
    const { answers, sentAway } = await crowd(
      url,
      await sealEnvelope("result", result, [alice.seed]),
    );
    expect(sentAway.every((wait) => wait > 0)).toBe(true);
    if (!mayWait) expect(sentAway).toEqual([]);
    const statuses = answers.map(({ status }) => status).sort((a, b) => b - a);
    expect(statuses).toEqual([201, ...Array<number>(199).fill(200)]);
    expect(new Set(answers.map(({ answer }) => JSON.stringify(answer))).size).toBe(1);
    const id = idOf(result);
    expect(answers[0]!.answer).toMatchObject({ id, index: size });
    const rows = async () => (await board(`?key=${alice.key}`)).rows.map(({ entry }) => entry);
    await expect.poll(rows, { timeout: 2000, interval: 50 }).toEqual([id]);
    const { size: now, leaves } = await get("/v1/log/entries?limit=200", LogPage);
    expect(now).toBe(size + 2); // the result, and its challenge's outcome
    expect(leaves.filter(({ digest }) => digest === id)).toHaveLength(1);
  }, 120_000);
}

/** Everybody with a client of the command line's. @returns also the seconds that 503s asked to wait. */
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
