/** @file The other thread of `computing-thread.ts`: takes questions, gives answers. */

import { parentPort } from "node:worker_threads";
import {
  type MeasuredRow,
  type RankOrder,
  computeHere,
  rankNumbers,
} from "../../db/board/computing.ts";

export type Question =
  | { kind: "rank"; numbers: Float64Array<ArrayBuffer>; order: RankOrder }
  | { kind: "score"; rows: readonly MeasuredRow[] };

export interface Asked {
  id: number;
  question: Question;
}

export interface Answered {
  id: number;
  answer: unknown;
}

parentPort?.on("message", ({ id, question }: Asked) => {
  void answerTo(question).then((answer) =>
    parentPort!.postMessage({ id, answer } satisfies Answered),
  );
});

/** Scores pause now and then: ranks are not kept waiting. */
async function answerTo(question: Question): Promise<unknown> {
  if (question.kind === "rank") return rankNumbers(question.numbers, question.order);
  return computeHere.score(question.rows);
}
