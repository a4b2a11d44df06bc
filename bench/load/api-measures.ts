/** @file Measures a server whose board has a given number of entries. */

import { setTimeout as sleep } from "node:timers/promises";
import type { BoardPage } from "../../record/board/board-row.ts";
import type { ChallengeDocument } from "../../record/answers/documents.ts";
import { Receipt } from "../../record/log/log-proof.ts";
import { untilFresh } from "./board-walk.ts";
import {
  type Latencies,
  type Load,
  latencies,
  readAsFastAsItGoes,
  readAtRate,
  timesOf,
} from "./latencies.ts";
import { readJson, readText } from "./reads.ts";
import { type Holder, commitmentOf, committed, measured } from "./submissions.ts";
import { SORTS } from "../../record/board/board-columns.ts";

export interface ApiFigures {
  entries: number;
  /** A board's page that the server has at hand: at 1,000 requests a second, and as fast as it goes. */
  cached: Load;
  compressed: Load;
  most: Load;
  /** Pages that were not requested before, fifty rows each. */
  uncached: Latencies;
  /** First pages of one architecture, and of one key. */
  ofArchitecture: Latencies;
  ofKey: Latencies;
  /** Requests one after the other; the boards are refreshed after them. */
  postResult: Latencies;
  postChallenge: Latencies;
  postChallenged: Latencies;
  /** From a result's receipt to the board that shows it. */
  fresh: Latencies;
}

export interface Effort {
  /** Duration of each load. */
  seconds: number;
  /** Pages read in each order. */
  pages: number;
  posts: number;
  refreshes: number;
}

const RATE = 1000;
const BOARD = "/v1/boards/micro-1";

/** @param next gives numbers of results that are not on the board yet. */
export async function measureApi(
  url: string,
  { entries, holders, next }: { entries: number; holders: readonly Holder[]; next: () => number },
  effort: Effort,
): Promise<ApiFigures> {
  const { seconds } = effort;
  await warmUp(url, { holders, next });
  const atRate = (headers: Record<string, string>) =>
    readAtRate(`${url}${BOARD}`, { rate: RATE, seconds }, headers);
  const cached = await atRate({});
  const compressed = await atRate({ "accept-encoding": "gzip" });
  const most = await readAsFastAsItGoes(`${url}${BOARD}`, seconds);
  const uncached = await collected((timed) => readNewPages(url, effort.pages, timed));
  const { rows } = await readJson<BoardPage>(`${url}${BOARD}?limit=1`);
  const { arch, signer } = rows[0]!;
  const ofArchitecture = await collected((timed) => readFiltered(url, `arch=${arch}`, timed));
  const ofKey = await collected((timed) => readFiltered(url, `key=${signer.key}`, timed));
  const posts = await measurePosts(url, { holders, next }, effort.posts);
  const fresh = await measureRefreshes(url, { holders, next }, effort.refreshes);
  const reads = { cached, compressed, most, uncached, ofArchitecture, ofKey };
  return { entries, ...reads, ...posts, fresh };
}

const START_MILLISECONDS = 5000;

/** Keeps the compiler, and what a server does once at its start, out of the measurements. */
async function warmUp(url: string, source: Source): Promise<void> {
  await sleep(START_MILLISECONDS);
  await measurePosts(url, source, 30);
  for (let i = 1; i <= 100; i++) await readText(`${url}${BOARD}?limit=${i}`);
  await readAsFastAsItGoes(`${url}${BOARD}`, 1);
}

async function collected(
  work: (timed: (read: () => Promise<void>) => Promise<void>) => Promise<void>,
): Promise<Latencies> {
  const times: number[] = [];
  await work(async (read) => {
    const begun = performance.now();
    await read();
    times.push(performance.now() - begun);
  });
  return latencies(times);
}

interface Source {
  holders: readonly Holder[];
  next: () => number;
}

/** Measures the server alone: statements are signed beforehand. */
async function measurePosts(url: string, { holders, next }: Source, count: number) {
  const holderOf = (i: number) => holders[i % holders.length]!;
  const numbers = Array.from({ length: count }, next);
  const results = await Promise.all(numbers.map((i) => measured(holderOf(i), i, null)));
  const postResult = await timesOf(results, (body) => post(url, "/v1/results", body));
  const others = Array.from({ length: count }, next);
  const commitments = await Promise.all(others.map((i) => committed(holderOf(i), i)));
  const issued: ChallengeDocument[] = [];
  const postChallenge = await timesOf(commitments, async (body) =>
    issued.push(JSON.parse(await post(url, "/v1/challenges", body)) as ChallengeDocument),
  );
  const challenged = await Promise.all(
    others.map((i, j) => {
      const { id, nonce } = issued[j]!.challenge;
      return measured(holderOf(i), i, { id, nonce, commitment: commitmentOf(holderOf(i), i) });
    }),
  );
  const postChallenged = await timesOf(challenged, (body) => post(url, "/v1/results", body));
  return { postResult, postChallenge, postChallenged };
}

async function measureRefreshes(url: string, { holders, next }: Source, count: number) {
  const times: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    const i = next();
    const body = await measured(holders[i % holders.length]!, i, null);
    await untilFresh(url, await logSize(url));
    const { index } = Receipt.parse(JSON.parse(await post(url, "/v1/results", body)));
    times.push(await untilFresh(url, index + 1));
  }
  return latencies(times);
}

async function logSize(url: string): Promise<number> {
  return Number((await readText(`${url}/v1/log/checkpoint`)).split("\n")[1]);
}

/** @throws for a refusal. */
async function post(url: string, path: string, value: object): Promise<string> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url + path, {
    method: "POST",
    body: JSON.stringify(value),
    headers,
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`POST ${path}: ${response.status} ${text}`);
  return text;
}

const ORDERS = ["ascending", "descending"] as const;

/** Reads pages as they come, each an address of its own, so that no cache has it. */
async function readNewPages(
  url: string,
  deep: number,
  timed: (read: () => Promise<void>) => Promise<void>,
): Promise<void> {
  for (const sort of SORTS)
    for (const order of ORDERS) {
      let after = "";
      for (let page = 0; page < deep; page++) {
        const address = `${url}/v1/boards/micro-1?sort=${sort}&order=${order}${after}`;
        let next: string | null = null;
        await timed(async () => void ({ next } = await readJson<BoardPage>(address)));
        if (next === null) break;
        after = `&after=${String(next)}`;
      }
    }
}

/** Reads the first page through a filter, once in each order. */
async function readFiltered(
  url: string,
  filter: string,
  timed: (read: () => Promise<void>) => Promise<void>,
): Promise<void> {
  for (const sort of SORTS)
    for (const order of ORDERS)
      await timed(
        async () =>
          void (await readText(`${url}/v1/boards/micro-1?${filter}&sort=${sort}&order=${order}`)),
      );
}
