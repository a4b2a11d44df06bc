import { expect, test } from "vitest";
import type { Run } from "../../../record/run.ts";
import { countsDigest } from "../../../record/statement/run-problems.ts";
import { aWholeDivergedRun, aWholeRun } from "../../world/runs.ts";

const run = aWholeRun();

function changed(change: (run: Run) => void): string | null {
  const copy = structuredClone(run);
  change(copy);
  return countsDigest(copy);
}

test.each<[string, (run: Run) => void]>([
  ["a correct answer in training", (copy) => (copy.epochs[7]!.correct += 1)],
  ["an online count", (copy) => (copy.epochs[7]!.online[3]! += 1)],
  ["a train image", (copy) => (copy.final!.trainCorrect += 1)],
  ["a clean train image", (copy) => (copy.final!.trainCleanCorrect += 1)],
  ["an epoch's sample", (copy) => (copy.epochs[7]!.seen -= 1)],
  ["a test image", (copy) => (copy.final!.testCorrect += 1)],
  ["a random label", (copy) => (copy.heads![2]!.final += 1)],
  ["an unseen label", (copy) => (copy.heads![2]!.unseen += 1)],
  ["a frozen head's online count", (copy) => (copy.epochs[7]!.frozenOnline[1]! += 1)],
  ["a frozen head's random label", (copy) => (copy.frozenHeads![1]!.final += 1)],
  ["a frozen head's unseen label", (copy) => (copy.frozenHeads![1]!.unseen += 1)],
  ["a told label", (copy) => (copy.controls!.refit[3]!.told! += 1)],
  ["a redraw", (copy) => (copy.controls!.refit[3]!.redraws[98]! += 1)],
  ["a redraw of the frozen trunk", (copy) => (copy.controls!.frozen[0]!.redraws[7]! += 1)],
  ["an evaluation", (copy) => (copy.epochs[7]!.evaluated = { trainCorrect: 1, testCorrect: 1 })],
])("one more of %s is another run", (_, change) => {
  expect(changed(change)).toMatch(/^[0-9a-f]{64}$/);
  expect(changed(change)).not.toBe(countsDigest(run));
});

test("losses, times and names do not make another run", () => {
  const nudged = changed((copy) => {
    copy.heads![0]!.lossSum += 1;
    copy.frozenHeads![0]!.lossSum += 1;
    copy.controls!.null[0]!.spectrum += 0.1;
    copy.controls!.spectrum.effectiveRank += 1;
    copy.final!.testLossSum += 1;
    copy.timing.trainSeconds += 1;
    copy.regs = "wd=0.0000001";
    copy.seed += 1;
  });
  expect(nudged).toBe(countsDigest(run));
});

test("diverged runs may be alike", () => {
  expect(countsDigest(aWholeDivergedRun())).toBeNull();
});
