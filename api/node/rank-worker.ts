/** @file The other thread of `rank-thread.ts`: takes columns, gives ranks. */

import { parentPort } from "node:worker_threads";
import { rankNumbers, type RankOrder } from "../../db/board/rank-column.ts";

export interface RankQuestion {
  id: number;
  numbers: Float64Array<ArrayBuffer>;
  order: RankOrder;
}

export interface RankAnswer {
  id: number;
  bytes: Uint8Array;
}

parentPort?.on("message", ({ id, numbers, order }: RankQuestion) => {
  const answer: RankAnswer = { id, bytes: rankNumbers(numbers, order) };
  parentPort?.postMessage(answer);
});
