/** @file Ranks of large boards in a thread of their own, so that requests are answered meanwhile. */

import { Worker } from "node:worker_threads";
import { rankHere, WIDTH, type RankColumn } from "../../db/board/rank-column.ts";
import type { RankAnswer, RankQuestion } from "./rank-worker.ts";

export interface RankThread {
  readonly rank: RankColumn;
  close(): Promise<void>;
}

/** Below, to ask takes longer than to compute. */
const LARGE = 1000;

type Question = Pick<PromiseWithResolvers<Uint8Array>, "resolve" | "reject">;

/** Started when it is first needed, and again after it failed. @param large entries from which on it is asked. */
export function createRankThread(large = LARGE): RankThread {
  let worker: Worker | null = null;
  let asked = 0;
  const open = new Map<number, Question>();
  const failed = (error: Error) => {
    worker = null;
    for (const { reject } of open.values()) reject(error);
    open.clear();
  };
  const start = () => {
    const started = new Worker(new URL("./rank-worker.ts", import.meta.url));
    started.unref(); // it keeps no process alive
    started.on("error", failed);
    started.on("message", ({ id, bytes }: RankAnswer) => {
      open.get(id)?.resolve(bytes);
      open.delete(id);
    });
    return started;
  };
  return {
    rank(numbers, order) {
      if (numbers.length < WIDTH * large) return rankHere(numbers, order);
      const { promise, ...question } = Promise.withResolvers<Uint8Array>();
      const message: RankQuestion = { id: asked++, numbers: new Float64Array(numbers), order };
      open.set(message.id, question);
      (worker ??= start()).postMessage(message, [message.numbers.buffer]);
      return promise;
    },
    close: async () => {
      const closing = worker;
      failed(new Error("the server was closed"));
      await closing?.terminate();
    },
  };
}
