/** @file Ranks of a board in a thread of their own, so that requests are answered meanwhile. */

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { RankedColumn } from "../../record/board/board-ranks.ts";

/** The thread of this process, which it does not keep alive. */
let thread: Worker | null = null;
let last: Promise<unknown> = Promise.resolve();

/** Sends one board at a time to the thread. @param columns their numbers are given away. */
export function rankInThread(columns: readonly RankedColumn[]): Promise<Uint8Array[]> {
  const ranks = last.then(() => ask(columns));
  last = ranks.catch(() => undefined);
  return ranks;
}

async function ask(columns: readonly RankedColumn[]): Promise<Uint8Array[]> {
  thread ??= start();
  thread.postMessage(
    columns,
    columns.map(({ numbers }) => numbers.buffer),
  );
  try {
    const [ranks] = (await once(thread, "message")) as [Uint8Array[]];
    return ranks;
  } catch (error) {
    thread = null; // the next question starts another one
    throw error;
  }
}

function start(): Worker {
  const started = new Worker(new URL("./rank-worker.ts", import.meta.url));
  started.unref();
  return started;
}
