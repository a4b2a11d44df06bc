/** @file Responses of read routes: kept in memory, and served as they were while the database is away. */

import { databaseStamp } from "../../db/board/database-stamp.ts";
import { isUnavailable } from "../../db/home/unavailable.ts";
import { createResponseCache, type CachedAnswer } from "../response-cache.ts";
import { computedAnswer, type AskedFor } from "./computed-answer.ts";
import { etagOf, readResponse, streamedResponse } from "./read-response.ts";
import type { ReadRoute } from "./read-route.ts";
import { createStampWatch } from "./stamp-watch.ts";

/**
 * While one request computes an answer anew, others get it as it was, or wait for it; so long at most, as a Worker
 * may end a request in its middle.
 */
const RENEWAL_MILLISECONDS = 10_000;
/** Longer questions are answered, but not kept. */
const LONGEST_QUESTION = 2048;

export interface Asked extends AskedFor {
  /** The header `if-none-match`. */
  known: string | undefined;
}

export interface ReadAnswers {
  answer(route: ReadRoute, asked: Asked): Promise<Response>;
  /** Something was written here: the next answer looks whether it still holds. */
  expire(): void;
}

/** @param now in milliseconds. */
export function createReadAnswers(now: () => number = Date.now): ReadAnswers {
  const cache = createResponseCache();
  const watch = createStampWatch(now);
  const renewals = new Map<string, { since: number }>();

  async function kept(route: ReadRoute, asked: Asked): Promise<Response> {
    const question = questionOf(route, asked);
    const { known } = asked;
    let stored = cache.get(question);
    try {
      const stamp = await stampFor(route, asked);
      if (!stored && isBeingRenewed(question)) stored = await computedElsewhere(question);
      const isUsable =
        stored &&
        (stored.stamp === stamp ||
          now() - stored.at < 1000 * route.keptSeconds ||
          isBeingRenewed(question));
      const answer = isUsable ? stored! : await renewed(route, asked, question, stamp);
      return readResponse(route, answer, { known, staleSeconds: null });
    } catch (error) {
      if (!stored || !isUnavailable(error)) throw error;
      const staleSeconds = (now() - stored.at) / 1000;
      return readResponse(route, stored, { known, staleSeconds });
    }
  }

  /** Looks again and again while somebody is at it: a Worker's requests may not share a promise. */
  async function computedElsewhere(question: string): Promise<CachedAnswer | undefined> {
    for (let wait = 5; isBeingRenewed(question); wait *= 2)
      await new Promise((resolve) => setTimeout(resolve, wait));
    return cache.get(question);
  }

  /** What is fixed asks nobody. */
  function stampFor({ follows }: ReadRoute, { home }: Asked): Promise<string> {
    if (follows === "fixed") return Promise.resolve(follows);
    return watch.stamp(home.checkMilliseconds, async () => {
      const { db, close } = await home.open("read");
      return databaseStamp(db).finally(close);
    });
  }

  function isBeingRenewed(question: string): boolean {
    return now() - (renewals.get(question)?.since ?? -Infinity) < RENEWAL_MILLISECONDS;
  }

  async function renewed(
    route: ReadRoute,
    asked: Asked,
    question: string,
    stamp: string,
  ): Promise<CachedAnswer> {
    const renewal = { since: now() };
    renewals.set(question, renewal);
    try {
      const { type, headers = {}, body } = await computedAnswer(route, asked);
      if (body instanceof ReadableStream) throw new Error(`${route.path}: a stream cannot be kept`);
      const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
      const etag = await etagOf(bytes);
      const answer = { stamp, type, headers, body: bytes, etag, at: now() };
      if (question.length <= LONGEST_QUESTION) cache.put(question, answer);
      return answer;
    } finally {
      if (renewals.get(question) === renewal) renewals.delete(question); // a later one goes on
    }
  }

  return {
    answer: (route, asked) =>
      route.follows === "never" ? computed(route, asked) : kept(route, asked),
    expire: () => watch.expire(),
  };
}

/** Parameters as they were read: however an address was written, it is the same answer. */
function questionOf({ path }: ReadRoute, { params, query }: AskedFor): string {
  return JSON.stringify([path, params, query]);
}

async function computed(route: ReadRoute, asked: Asked): Promise<Response> {
  const answer = await computedAnswer(route, asked);
  if (answer.body instanceof ReadableStream) return streamedResponse(route, answer);
  const { type, headers = {}, body } = answer;
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const etag = await etagOf(bytes);
  return readResponse(
    route,
    { type, headers, body: bytes, etag },
    { known: asked.known, staleSeconds: null },
  );
}
