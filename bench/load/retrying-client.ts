/** @file A client as it should be: it sends the same bytes again until the server has answered. */

import { setTimeout as sleep } from "node:timers/promises";

/** What happened on the way. */
export interface Traffic {
  /** Requests sent, those sent again included. */
  requests: number;
  /** Requests without an answer, as the server was gone. */
  broken: number;
  /** Requests answered with 503. */
  unavailable: number;
  /** Requests that are waiting for their answer now. */
  open: number;
}

export const noTraffic = (): Traffic => ({ requests: 0, broken: 0, unavailable: 0, open: 0 });

export interface Answered {
  status: number;
  text: string;
  /** How often it had been sent before without an answer. */
  broken: number;
}

const PAUSE_MILLISECONDS = 20;
const MOST_TRIES = 200;

/**
 * @param address of the server now: it resolves once there is one.
 * @throws for every refusal, as nothing sent here deserves one.
 */
export async function postUntilAnswered(
  address: () => Promise<string>,
  path: string,
  body: string,
  traffic: Traffic,
): Promise<Answered> {
  let broken = 0;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const answer = await postOnce(`${await address()}${path}`, body, traffic);
    if (answer !== null && answer.status < 300) return { ...answer, broken };
    if (answer !== null && answer.status !== 503)
      throw new Error(`POST ${path} was answered ${answer.status}: ${answer.text}`);
    if (answer === null) broken++;
    else traffic.unavailable++;
    await sleep(PAUSE_MILLISECONDS * (1 + Math.random()));
  }
  throw new Error(`POST ${path} found no server in ${MOST_TRIES} tries`);
}

/** Null when the connection broke before the whole answer was there. */
async function postOnce(url: string, body: string, traffic: Traffic) {
  traffic.requests++;
  traffic.open++;
  try {
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", body, headers });
    return { status: response.status, text: await response.text() };
  } catch {
    traffic.broken++;
    return null;
  } finally {
    traffic.open--;
  }
}
