/** @file Runs a route: its database is opened and given back. */

import type { Home, OpenedDb } from "../home.ts";
import type { ReadAnswer, ReadRoute } from "./read-route.ts";
import { triedAgain } from "./tried-again.ts";

export interface AskedFor {
  home: Home;
  /** As the route's schemas have read them. */
  params: object;
  query: object;
}

/** A body that is a stream holds the connection until it ends or is given up. */
export function computedAnswer(route: ReadRoute, asked: AskedFor): Promise<ReadAnswer> {
  return triedAgain(() => computedOnce(route, asked)); // each with a connection of its own
}

async function computedOnce(
  route: ReadRoute,
  { home, params, query }: AskedFor,
): Promise<ReadAnswer> {
  const connection = lazily(() => home.open("read"));
  const db = async () => (await connection.open()).db;
  try {
    const answer = await route.respond({
      params: params as never,
      query: query as never,
      home,
      db,
    });
    if (!(answer.body instanceof ReadableStream)) {
      await connection.close();
      return answer;
    }
    return { ...answer, body: closedBehind(answer.body, () => connection.close()) };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function lazily(open: () => Promise<OpenedDb>) {
  let opened: Promise<OpenedDb> | null = null;
  let isClosed = false;
  return {
    open: () => (opened ??= open()),
    /** Once; what never opened needs no closing. */
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      const connection = await opened?.catch(() => null);
      await connection?.close();
    },
  };
}

function closedBehind(
  stream: ReadableStream<Uint8Array>,
  close: () => Promise<void>,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
      } catch (error) {
        await close();
        throw error;
      }
      await close();
      controller.close();
    },
    async cancel(reason) {
      await reader.cancel(reason).finally(close);
    },
  });
}
