import { expect, test } from "vitest";
import { isSameClassTask } from "../../../record/replication/inertness.ts";
import type { EpochCounts, FinalCounts, Run } from "../../../record/run.ts";
import { aDivergedRun, aRun } from "../../world/runs.ts";

const run = aRun();
const withEpoch = (change: Partial<EpochCounts>): Run => ({
  ...run,
  epochs: run.epochs.map((epoch, i) => (i === 1 ? { ...epoch, ...change } : epoch)),
});
const withFinal = (change: Partial<FinalCounts>): Run => ({
  ...run,
  final: { ...run.final!, ...change },
});

test("every count and loss of the class task has to be the same, to the last bit", () => {
  const others = [
    ...[withEpoch({ correct: 1501 }), withEpoch({ lossSum: 3000.0000000000005 })],
    ...[withEpoch({ clipped: 1 }), { ...run, epochs: run.epochs.slice(0, 1) }],
    ...[withFinal({ trainCorrect: 1 }), withFinal({ trainCleanCorrect: 1 })],
    ...[
      withFinal({ trainLossSum: 1 }),
      withFinal({ testCorrect: 1 }),
      withFinal({ testLossSum: 1 }),
    ],
    aDivergedRun(),
  ];
  expect(others.map((other) => isSameClassTask(run, other))).toEqual(others.map(() => false));
});

test("heads, refits and times may differ", () => {
  const heads = run.heads!.slice(0, 2).map((head) => ({ ...head, final: 7 }));
  const timing = { ...run.timing, trainSeconds: 99 };
  const epochs = run.epochs.map((epoch) => ({ ...epoch, online: [1, 2], frozenOnline: [] }));
  const other = { ...run, heads, frozenHeads: [], controls: null, epochs, timing };
  expect(isSameClassTask(run, other)).toBe(true);
  expect(isSameClassTask(aDivergedRun(), aDivergedRun())).toBe(true);
});
