/** @file Ranks and scores of large boards in a thread of their own, so that requests are answered meanwhile. */

import { Worker } from "node:worker_threads";
import { type Computing, WIDTH, computeHere } from "../../db/board/computing.ts";
import type { MeasureScore } from "../../record/board/measure-scores.ts";
import type { Answered, Asked, Question } from "./computing-worker.ts";

export interface ComputingThread extends Computing {
  close(): Promise<void>;
}

/** Below, to ask takes longer than to compute. */
const LARGE = { rank: 1000, score: 30 };

type Waiting = Pick<PromiseWithResolvers<unknown>, "resolve" | "reject">;

/** Started when it is first needed, and again after it failed. @param large entries from which on it is asked. */
export function createComputingThread(large = LARGE): ComputingThread {
  let worker: Worker | null = null;
  let asked = 0;
  const open = new Map<number, Waiting>();
  const failed = (error: Error) => {
    worker = null;
    for (const { reject } of open.values()) reject(error);
    open.clear();
  };
  const start = () => {
    const started = new Worker(new URL("./computing-worker.ts", import.meta.url));
    started.unref(); // it keeps no process alive
    started.on("error", failed);
    started.on("message", ({ id, answer }: Answered) => {
      open.get(id)?.resolve(answer);
      open.delete(id);
    });
    return started;
  };
  const ask = (question: Question, transferred: ArrayBuffer[] = []) => {
    const { promise, ...waiting } = Promise.withResolvers<unknown>();
    const id = asked++;
    open.set(id, waiting);
    (worker ??= start()).postMessage({ id, question } satisfies Asked, transferred);
    return promise;
  };
  return {
    rank(numbers, order) {
      if (numbers.length < WIDTH * large.rank) return computeHere.rank(numbers, order);
      const own = new Float64Array(numbers);
      return ask({ kind: "rank", numbers: own, order }, [own.buffer]) as Promise<Uint8Array>;
    },
    score(rows) {
      if (rows.length < large.score) return computeHere.score(rows);
      return ask({ kind: "score", rows }) as Promise<MeasureScore[]>;
    },
    close: async () => {
      const closing = worker;
      failed(new Error("the server was closed"));
      await closing?.terminate();
    },
  };
}
