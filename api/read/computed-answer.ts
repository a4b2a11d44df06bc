/** @file Runs a route: its database is opened and given back. */

import type { Reader } from "../../db/db.ts";
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
  const opening = () => home.open("read");
  const connection = lazily(route.atOneMoment ? async () => openMoment(await opening()) : opening);
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
    if (route.atOneMoment)
      throw new Error(`${route.path}: a transaction outlives no client's read`);
    return { ...answer, body: closedBehind(answer.body, () => connection.close()) };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

interface OpenedReader {
  db: Reader;
  close: () => Promise<void>;
}

/** A transaction whose queries all see the database as it was at the first. */
async function openMoment({ db, close }: OpenedDb): Promise<OpenedReader> {
  const begun = Promise.withResolvers<Reader>();
  const over = Promise.withResolvers<void>();
  const ended = db
    .transaction(
      (tx) => {
        begun.resolve(tx);
        return over.promise;
      },
      { isolationLevel: "repeatable read", accessMode: "read only" },
    )
    .catch((error: unknown) => begun.reject(error)) // where it was begun, what was read is good however it ends
    .finally(close);
  return {
    db: await begun.promise,
    close: () => {
      over.resolve();
      return ended;
    },
  };
}

function lazily(open: () => Promise<OpenedReader>) {
  let opened: Promise<OpenedReader> | null = null;
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
