/** @file The thread of `rank-thread.ts`, which is sent columns and returns their ranks. */

import { parentPort } from "node:worker_threads";
import { type RankedColumn, columnRanks } from "../../record/board/board-ranks.ts";

parentPort?.on("message", (columns: readonly RankedColumn[]) => {
  parentPort!.postMessage(columns.map(columnRanks));
});
