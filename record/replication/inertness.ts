/** @file T1, which needs no test: is the class task the same to the bit with heads and with fewer? (docs/replication-plan.md) */

import type { Run } from "../run.ts";

/** What the method's heads are held against: two at the last tap and the headline n, none on the frozen trunk. */
export const FEWER_HEADS = ['heads=[{"n":100,"draws":2,"taps":"last"}]', "frozenHeads=false"];

/** What heads may not change: counts and losses of every epoch, and the class task at the end. */
export function isSameClassTask(a: Run, b: Run): boolean {
  return JSON.stringify(classTask(a)) === JSON.stringify(classTask(b));
}

function classTask({ epochs, final }: Run) {
  return [
    epochs.map(({ correct, lossSum, clipped }) => [correct, lossSum, clipped]),
    final && [
      ...[final.trainCorrect, final.trainCleanCorrect, final.trainLossSum],
      ...[final.testCorrect, final.testLossSum],
    ],
  ];
}
