import { expect, test } from "vitest";
import type { Run } from "../../../record/run.ts";
import type { RunRule } from "../../../record/statement/run-problems.ts";
import { Result } from "../../../record/statement/statements.ts";
import { aChallenge, aResult } from "../../world/statements.ts";
import { aWholeDivergedRun } from "../../world/runs.ts";
import { problemsOf, result, withRun } from "./sample-result.ts";

/** Changes one run in place; the pointer goes into it. */
test.each<[string, (run: Run) => void, pointer: string, rule: string, code: RunRule]>([
  ["that was cut off", (run) => run.epochs.pop(), "/epochs", "the protocol's 30", "epochs"],
  ["with a head too few", (run) => run.heads!.pop(), "/heads", "the protocol's 13", "heads"],
  [
    "with more correct than images",
    (run) => (run.heads![0]!.final = 2501),
    "/heads/0",
    "more",
    "correct",
  ],
  ["with a final missing", (run) => (run.final = null), "/status", "2 of 3 parts", "parts"],
  [
    "with too many test images",
    (run) => (run.testSamples = 20_000),
    "/testSamples",
    "10000",
    "samples",
  ],
  [
    "that saw a part",
    (run) => (run.epochs[3]!.seen = 2400),
    "/epochs/3/seen",
    "25 batches of 100",
    "seen",
  ],
  [
    "clipped too often",
    (run) => (run.epochs[3]!.clipped = 26),
    "/epochs/3/clipped",
    "at most 25",
    "clipped",
  ],
  [
    "whose heads knew unseen labels",
    (run) => (run.heads![0]!.unseen = 1500),
    "/heads/0/unseen",
    "1100 to 1400",
    "chance",
  ],
  [
    "whose heads knew labels in the first epoch",
    (run) => (run.epochs = run.epochs.with(0, withOnline(run, 4, 80))),
    "/epochs/0/online/4",
    "2 to 60",
    "chance",
  ],
  [
    "whose head hits no label at all",
    (run) => (run.heads![0]!.unseen = 0),
    "/heads/0/unseen",
    "1100 to 1400",
    "chance",
  ],
  [
    "with too small a loss of a head",
    (run) => (run.heads![0]!.lossSum = 800),
    "/heads/0/lossSum",
    "at least 1250 wrong x ln 2 = 866.434",
    "loss",
  ],
  [
    "with too small a training loss",
    (run) => (run.final!.trainLossSum = 346),
    "/final/trainLossSum",
    "at least 500 wrong",
    "loss",
  ],
  [
    "with too small a test loss",
    (run) => (run.final!.testLossSum = 3812),
    "/final/testLossSum",
    "at least 5500 wrong",
    "loss",
  ],
  [
    "whose clean labels count otherwise without noise",
    (run) => (run.final!.trainCleanCorrect = 1999),
    "/final/trainCleanCorrect",
    "2000, like trainCorrect, without label noise",
    "clean-labels",
  ],
  [
    "with too small a loss of an epoch",
    (run) => (run.epochs[4]!.lossSum = 0.69 * (2500 - run.epochs[4]!.correct)),
    "/epochs/4/lossSum",
    "wrong x ln 2",
    "loss",
  ],
  [
    "with a control missing",
    (run) => run.controls!.frozen.pop(),
    "/controls/frozen",
    "the protocol's: tap 1 n 100, tap 2 n 2,",
    "controls",
  ],
  [
    "with a null that its h does not give",
    (run) => (run.controls!.null[0]!.accuracy = 0.2),
    "/controls/null/0/accuracy",
    "0.990",
    "null",
  ],
  [
    "with a null of no whole width",
    (run) => (run.controls!.null[0]!.h = 0.2053),
    "/controls/null/0/h",
    "(D + 1)/2500, D a whole number from 1",
    "null",
  ],
  [
    "with a null of no width at all",
    (run) => Object.assign(run.controls!.null[0]!, { h: 1 / 2500, ridgeH: 1 / 2500 }),
    "/controls/null/0/h",
    "D a whole number from 1",
    "null",
  ],
  [
    "whose null is narrower at one n",
    (run) => (run.controls!.null[2]!.h = 400 / 2500),
    "/controls/null/2/h",
    "0.2052, as of every n at tap 2",
    "null",
  ],
  [
    "whose ridge uses more directions than there are",
    (run) => (run.controls!.null[0]!.ridgeH = 514 / 2500),
    "/controls/null/0/ridgeH",
    "1/2500 to h = 0.2052",
    "null",
  ],
  [
    "whose ridge is not the spectrum's",
    (run) => (run.controls!.null[3]!.ridgeH = 249 / 2500),
    "/controls/null/3/ridgeH",
    "(249 + 1)/2500, as the spectrum says",
    "null",
  ],
  [
    "with another spectrum",
    (run) => run.controls!.spectrum.ridge.pop(),
    "/controls/spectrum/ridge",
    "at 0.0001",
    "spectrum",
  ],
])("a result with a run %s is refused", (_, change, pointer, rule, code) => {
  const found = problemsOf(
    withRun((run) => {
      change(run);
      return run;
    }),
  );
  expect(found).toMatchObject([{ code, pointer: `/panel/2${pointer}` }]);
  expect(found[0]!.rule).toContain(rule);
});

function withOnline(run: Run, head: number, count: number): Run["epochs"][number] {
  const [first] = run.epochs;
  return { ...first!, online: first!.online.with(head, count) };
}

test.each([
  ["smoothed", "ls=0.1"],
  ["mixed", "mixup=0.2"],
  ["cut and mixed", "cutmix=1"],
])("an epoch's %s loss may be below wrong x ln 2", (_, regs) => {
  const mixed = aResult(aChallenge({ regs }));
  mixed.panel[2]!.epochs[4]!.lossSum = 100;
  expect(problemsOf(mixed, aChallenge({ regs }))).toEqual([]);
});

test("a sharpness-aware run's epoch is held against wrong x ln 2: both are of the first pass", () => {
  const sharp = aResult(aChallenge({ regs: "sam=0.05" }));
  sharp.panel[2]!.epochs[4]!.lossSum = 100;
  const found = problemsOf(sharp, aChallenge({ regs: "sam=0.05" }));
  expect(found.map(({ pointer }) => pointer)).toEqual(["/panel/2/epochs/4/lossSum"]);
});

test("a loss below nothing has no place in a run", () => {
  const [first, ...rest] = result.panel[2]!.epochs;
  const epochs = [{ ...first!, lossSum: -1 }, ...rest];
  const negative = { ...result, panel: result.panel.with(2, { ...result.panel[2]!, epochs }) };
  expect(Result.safeParse(negative).success).toBe(false);
});

test("with label noise, clean labels count by themselves", () => {
  const noisy = aResult(aChallenge({ regs: "noise=0.2" }));
  noisy.panel[2]!.final!.trainCleanCorrect = 1700;
  expect(problemsOf(noisy, aChallenge({ regs: "noise=0.2" }))).toEqual([]);
});

test("a diverged run's first epoch is held against chance as well", () => {
  const run = aWholeDivergedRun({ seed: 3 });
  const found = problemsOf(withRun(() => ({ ...run, epochs: [withOnline(run, 0, 2000)] })));
  expect(found.map(({ pointer }) => pointer)).toEqual(["/panel/2/epochs/0/online/0"]);
});
