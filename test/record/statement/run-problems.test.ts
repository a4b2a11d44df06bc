import { expect, test } from "vitest";
import type { Run } from "../../../record/run.ts";
import { deriveProtocol } from "../../../record/derived-protocol.ts";
import { protocolId } from "../../../record/protocols.ts";
import { type RunRule, wholeRunProblems } from "../../../record/statement/run-problems.ts";
import { Result } from "../../../record/statement/statements.ts";
import { aChallenge, aResult } from "../../world/statements.ts";
import { aWholeDivergedRun, aWholeRun, micro } from "../../world/runs.ts";
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
  ["with a final missing", (run) => (run.final = null), "/status", "3 of 4 parts", "parts"],
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
    "with a frozen head too few",
    (run) => run.frozenHeads!.pop(),
    "/frozenHeads",
    "draws 0, 1, as the protocol says",
    "frozen-heads",
  ],
  [
    "whose frozen heads are in another order",
    (run) => run.frozenHeads!.reverse(),
    "/frozenHeads",
    "draws 0, 1",
    "frozen-heads",
  ],
  [
    "without its frozen heads",
    (run) => (run.frozenHeads = null),
    "/status",
    "3 of 4 parts",
    "parts",
  ],
  [
    "whose frozen head knew unseen labels",
    (run) => (run.frozenHeads![1]!.unseen = 80),
    "/frozenHeads/1/unseen",
    "2 to 60",
    "chance",
  ],
  [
    "whose frozen head knew labels in the first epoch",
    (run) => (run.epochs[0]!.frozenOnline[1] = 80),
    "/epochs/0/frozenOnline/1",
    "2 to 60",
    "chance",
  ],
  [
    "whose frozen head is right more often than there are images",
    (run) => (run.frozenHeads![0]!.final = 2501),
    "/frozenHeads/0",
    "more than 2500 correct",
    "correct",
  ],
  [
    "with too small a loss of a frozen head",
    (run) => Object.assign(run.frozenHeads![0]!, { final: 1500, lossSum: 690 }),
    "/frozenHeads/0/lossSum",
    "at least 1000 wrong x ln 2 = 693.147",
    "loss",
  ],
  [
    "with a count too few of the frozen heads of an epoch",
    (run) => run.epochs[5]!.frozenOnline.pop(),
    "/epochs/5/frozenOnline",
    "not 2 counts",
    "online-counts",
  ],
  [
    "with an evaluation that the protocol does not ask for",
    (run) => (run.epochs[9]!.evaluated = { trainCorrect: 1, testCorrect: 1 }),
    "/epochs/9/evaluated",
    "null",
    "evaluated",
  ],
  [
    "with a control missing",
    (run) => run.controls!.frozen.pop(),
    "/controls/frozen",
    "5, as the protocol says",
    "controls",
  ],
  [
    "with controls in another order",
    (run) => run.controls!.refit.reverse(),
    "/controls/refit/0/tap",
    "1, in the protocol's order",
    "controls",
  ],
  [
    "with a control of another label space",
    (run) => (run.controls!.null[1]!.n = 3),
    "/controls/null/1/n",
    "2, in the protocol's order",
    "controls",
  ],
  [
    "with a redraw too few for its capacity",
    (run) => run.controls!.refit[1]!.redraws.pop(),
    "/controls/refit/1/redraws",
    "8 redraws",
    "controls",
  ],
  [
    "with a redraw too few for its selectivity",
    (run) => run.controls!.refit[3]!.redraws.pop(),
    "/controls/refit/3/redraws",
    "99 redraws",
    "controls",
  ],
  [
    "with a redraw too many of the frozen trunk",
    (run) => run.controls!.frozen[3]!.redraws.push(1500),
    "/controls/frozen/3/redraws",
    "8 redraws",
    "controls",
  ],
  [
    "whose told labelling is missing",
    (run) => (run.controls!.refit[3]!.told = null),
    "/controls/refit/3/told",
    "a count",
    "controls",
  ],
  [
    "with a told labelling where none is measured",
    (run) => (run.controls!.refit[2]!.told = 2000),
    "/controls/refit/2/told",
    "null",
    "controls",
  ],
  [
    "with more told labels than images",
    (run) => (run.controls!.refit[3]!.told = 2501),
    "/controls/refit/3",
    "more than 2500 correct",
    "correct",
  ],
  [
    "with more redrawn labels than images",
    (run) => (run.controls!.refit[3]!.redraws[98] = 2501),
    "/controls/refit/3",
    "more than 2500 correct",
    "correct",
  ],
  [
    "with more redrawn labels of the frozen trunk than images",
    (run) => (run.controls!.frozen[0]!.redraws[7] = 2501),
    "/controls/frozen/0",
    "more than 2500 correct",
    "correct",
  ],
  [
    // the expected value: a quadrature of method.md's formula in NumPy, over all counts, at 1,201 nodes each
    "with a null that its width does not give",
    (run) => (run.controls!.null[0]!.counts -= 2e-6),
    "/controls/null/0/counts",
    "0.98692843656",
    "null",
  ],
  [
    "whose null is narrower at one n",
    (run) => (run.controls!.null[2]!.width = 400),
    "/controls/null/2/width",
    "512, as of every n at tap 2",
    "null",
  ],
  [
    "whose null is of a width beyond all reason",
    (run) => (run.controls!.null[0]!.width = 1_000_000_000),
    "/controls/null/0/counts",
    "0.99999999",
    "null",
  ],
  [
    "whose ridge uses more directions than there are",
    (run) => (run.controls!.spectrum.ridge[0]!.dimension = 513),
    "/controls/spectrum/ridge/0/dimension",
    "at most 512",
    "spectrum",
  ],
  [
    "whose ridge uses more directions at a larger penalty",
    (run) => (run.controls!.spectrum.ridge[2]!.dimension = 201),
    "/controls/spectrum/ridge/2/dimension",
    "at most 200, as of a smaller penalty",
    "spectrum",
  ],
  [
    "of a higher rank than features",
    (run) => (run.controls!.spectrum.effectiveRank = 513),
    "/controls/spectrum/effectiveRank",
    "at most 512, the width of the last tap",
    "spectrum",
  ],
  [
    "whose eigenvalues take part more than they are spread",
    (run) => (run.controls!.spectrum.participationRatio = 81),
    "/controls/spectrum/participationRatio",
    "at most the effective rank 80",
    "spectrum",
  ],
  [
    "of a rank between none and one", // such a spread would underflow when squared
    (run) => Object.assign(run.controls!.spectrum, { effectiveRank: 1e-85, participationRatio: 0 }),
    "/controls/spectrum/effectiveRank",
    "0, where no feature varies, or at least 1",
    "spectrum",
  ],
  [
    "whose eigenvalues take part less than one",
    (run) => (run.controls!.spectrum.participationRatio = 0.5),
    "/controls/spectrum/participationRatio",
    "0, where no feature varies, or at least 1",
    "spectrum",
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

test("a result of ten thousand heads and refits is refused in a few words", () => {
  const found = problemsOf(
    withRun((run) => ({
      ...run,
      heads: Array.from({ length: 10_000 }, () => ({ ...run.heads![0]!, final: 9999 })),
      controls: {
        ...run.controls!,
        refit: Array.from({ length: 10_000 }, () => ({ ...run.controls!.refit[0]!, told: 9999 })),
      },
    })),
  );
  expect(found.length).toBe(20);
  expect(found[0]).toMatchObject({ pointer: "/panel/2/heads", rule: "not the protocol's 13" });
  expect(JSON.stringify(found).length).toBeLessThan(4000);
});

test("a protocol that evaluates every tenth epoch wants those epochs' counts, within the samples", () => {
  const protocol = deriveProtocol(micro, ["evaluateEvery=10"]);
  const evaluated = { trainCorrect: 2500, testCorrect: 10_000 };
  const at = (epochs: number[], counts = evaluated) => {
    const run = aWholeRun({ protocol: protocolId(protocol) });
    for (const epoch of epochs) run.epochs[epoch]!.evaluated = counts;
    return wholeRunProblems(run, protocol).map(({ pointer }) => pointer);
  };
  expect(at([9, 19, 29])).toEqual([]);
  expect(at([9, 29])).toEqual(["/epochs/19/evaluated"]);
  expect(at([9, 10, 19, 29])).toEqual(["/epochs/10/evaluated"]);
  const many = { trainCorrect: 2501, testCorrect: 0 };
  expect(at([9, 19, 29], many)).toEqual([9, 19, 29].map((epoch) => `/epochs/${epoch}/evaluated`));
});

test("a protocol without frozen heads and permutations takes a run without them", () => {
  const protocol = deriveProtocol(micro, ["frozenHeads=false", "measures.refit.permutations=0"]);
  const run = aWholeRun({ protocol: protocolId(protocol) });
  expect(wholeRunProblems(run, protocol).map(({ pointer }) => pointer)).toContain("/frozenHeads");
  const controls = run.controls!;
  const bare: Run = {
    ...run,
    epochs: run.epochs.map((epoch) => ({ ...epoch, frozenOnline: [] })),
    frozenHeads: [],
    controls: {
      ...controls,
      refit: controls.refit.map((each) => {
        return { ...each, told: null, redraws: each.redraws.slice(0, 8) };
      }),
    },
  };
  expect(wholeRunProblems(bare, protocol)).toEqual([]);
});

test("where rl= acts on an earlier tap, the told labelling is measured there as well", () => {
  const run = aWholeRun({ regs: "rl=10@1" });
  expect(run.controls!.refit.map(({ told }) => told !== null)).toEqual([
    ...[true, false, false, true, false],
  ]);
  expect(wholeRunProblems(run, micro)).toEqual([]);
  run.controls!.refit[0]!.told = null;
  expect(wholeRunProblems(run, micro).map(({ pointer }) => pointer)).toEqual([
    "/controls/refit/0/told",
  ]);
});
