import { expect, test } from "vitest";
import { findProtocol } from "../../record/protocols.ts";
import { Run } from "../../record/run.ts";
import { problemLine } from "../../record/problem.ts";
import { type RunRule, runProblems } from "../../record/statement/run-problems.ts";
import { aDivergedRun, aRun, someMeasures, withFinal } from "../world/runs.ts";

const micro = findProtocol("micro-1");
const run = aRun();

test.each([
  ["completed", run],
  ["regularized", aRun({ arch: "cnn-16", regs: "wd=0.005,rl=10@2" })],
  ["measured", aRun({ measures: someMeasures() })],
  ["diverged", aDivergedRun()],
  ["diverged at once", { ...aDivergedRun(), epochs: [] }],
])("a %s run is sound", (_, sound) => {
  expect(Run.parse(sound)).toEqual(sound);
  expect(runProblems(sound, micro)).toEqual([]);
});

const [first, second] = run.epochs;
test.each<[string, Run, string, code: RunRule]>([
  [
    "of another protocol",
    { ...run, protocol: "0".repeat(64) },
    "protocol: not the id of micro-1",
    "run-protocol",
  ],
  [
    "whose name is not canonical",
    { ...run, regs: "wd=.1" },
    "not in canonical form",
    "canonical-names",
  ],
  ["of no architecture", { ...run, arch: "mlp" }, "not in canonical form", "canonical-names"],
  ["without results", { ...run, heads: null }, "status: completed, with 3 of 4 parts", "parts"],
  [
    "diverged with results",
    { ...run, status: "diverged" },
    "status: diverged, with 4 of 4 parts",
    "parts",
  ],
  ["without epochs", { ...run, epochs: [] }, "epochs: none", "epochs"],
  [
    "of too many epochs",
    { ...run, epochs: new Array(31).fill(first) as [] },
    "more than 30",
    "epochs",
  ],
  [
    "on another subset",
    { ...run, trainSamples: 2600 },
    "trainSamples: not 250 of each class",
    "samples",
  ],
  [
    "with a head missing",
    { ...run, heads: run.heads!.slice(1) },
    "heads: not the protocol's 13",
    "heads",
  ],
  [
    "with heads in another order",
    { ...run, heads: run.heads!.toReversed() },
    "heads.0: not the",
    "heads",
  ],
  [
    "that hides a regularized head",
    { ...run, regs: "rl=10" },
    "heads.10: not the protocol's",
    "heads",
  ],
  [
    "with more correct than samples",
    withFinal(run, { tap: 1, n: 2 }, [2501, 0]),
    "heads.0: more than 2500 correct",
    "correct",
  ],
  [
    "with more online than seen",
    { ...run, epochs: [{ ...first!, online: first!.online.map(() => 2501) }, second!] },
    "epochs.0: seen",
    "seen",
  ],
  [
    "with online counts missing",
    { ...run, epochs: [first!, { ...second!, online: [] }] },
    "epochs.1.online: not 13 counts",
    "online-counts",
  ],
  [
    "with too many test images right",
    { ...run, final: { ...run.final!, testCorrect: 10_001 } },
    "final: more than 10000 test images correct",
    "correct",
  ],
  [
    "with too good a refit",
    {
      ...run,
      controls: {
        ...run.controls!,
        refit: [{ tap: 1, n: 100, told: null, redraws: [1, 2501] }],
      },
    },
    "controls.refit.0: more than 2500 correct",
    "correct",
  ],
])("a run %s is not", (_, unsound, line, code) => {
  const problems = runProblems(unsound, micro);
  expect(problems.map(problemLine).join("\n")).toContain(line);
  expect(problems.find((problem) => problemLine(problem).includes(line))!.code).toBe(code);
});

test("a run of before there were measures has none, and is what it was", () => {
  const { measures, timing, ...rest } = run;
  const { measureSeconds, ...times } = timing;
  expect([measures, measureSeconds]).toEqual([null, 0]);
  expect(Run.parse({ ...rest, timing: times })).toEqual(run);
});

const measured = (changes: object, of: Partial<Run> = {}): Run =>
  aRun({ measures: { ...someMeasures(), ...changes }, ...of });
const layer = someMeasures().layers![0]!;
/** With so many training images right. */
const right = (trainCorrect: number): Partial<Run> => ({
  final: { ...run.final!, trainCorrect, trainCleanCorrect: trainCorrect },
});
const NOISE = { regs: "noise=0.2", heads: run.heads };

test.each<[string, Run, pointer: string, rule: string]>([
  [
    "of a diverged run",
    { ...aDivergedRun(), measures: someMeasures() },
    "measures",
    "null, as the run diverged",
  ],
  [
    "on too few samples",
    measured({ flatness: { sigma: 0.1, samples: 499, correct: 4 } }),
    "measures/flatness/samples",
    "500",
  ],
  [
    "with more right than there are",
    measured({ flatness: { sigma: 0.1, samples: 500, correct: 501 } }),
    "measures/flatness/correct",
    "at most 500",
  ],
  [
    "with more pairs than images",
    measured({ mixup: { pairs: 2501, correct: 0 } }),
    "measures/mixup/pairs",
    "at most 2500",
  ],
  [
    "with more pairs right than there are",
    measured({ mixup: { pairs: 10, correct: 11 } }),
    "measures/mixup/correct",
    "at most 10",
  ],
  [
    "with noisy labels but without noise",
    measured({ noisyLabels: { changed: 1, fitted: 0, asTrue: 0 } }),
    "measures/noisyLabels",
    "null, without label noise",
  ],
  [
    "without noisy labels under noise",
    measured({}, NOISE),
    "measures/noisyLabels",
    "counts, as noise= changed labels",
  ],
  [
    "with more noisy labels than images",
    measured({ noisyLabels: { changed: 2501, fitted: 0, asTrue: 0 } }, NOISE),
    "measures/noisyLabels/changed",
    "at most 2500",
  ],
  [
    "with a sample predicted as two classes",
    measured({ noisyLabels: { changed: 10, fitted: 6, asTrue: 5 } }, NOISE),
    "measures/noisyLabels",
    "together at most those changed",
  ],
  [
    "with canaries that were not put in",
    measured({ canaries: { samples: 8, fitted: 0 } }),
    "measures/canaries",
    "null, without canaries",
  ],
  [
    "with other canaries than those put in",
    measured({ canaries: { samples: 7, fitted: 0 } }, { ...NOISE, regs: "canary=2" }),
    "measures/canaries",
    "4 copies of 2",
  ],
  [
    "with more canaries right than there are",
    measured({ canaries: { samples: 8, fitted: 9 } }, { ...NOISE, regs: "canary=2" }),
    "measures/canaries/fitted",
    "at most the samples",
  ],
  [
    "with a spectral norm above the Frobenius",
    measured({ layers: [layer, { ...layer, spectral: 5.001 }] }),
    "measures/layers/1",
    "at most the Frobenius",
  ],
  [
    "with a distance that no matrix has",
    measured({ layers: [{ ...layer, spectralDistance: 3.001 }] }),
    "measures/layers/0",
    "at most the Frobenius",
  ],
  [
    "with a positive margin, though a fifth is wrong",
    measured({ margin: 0.5 }),
    "measures/margin",
    "not positive, with 500 of 2500 wrong",
  ],
  [
    "with a negative margin, though few are wrong",
    measured({}, right(2260)),
    "measures/margin",
    "not negative, with 240 of 2500 wrong",
  ],
])("measures %s are refused", (_, wrong, pointer, rule) => {
  const problems = runProblems(wrong, micro);
  expect(problems.map((problem) => `${problem.code} ${problemLine(problem)}`)).toEqual([
    expect.stringMatching(/^measures /) as string,
  ]);
  expect(problems[0]!.pointer).toBe(`/${pointer}`);
  expect(problems[0]!.rule).toContain(rule);
});

test("the margin's sign follows from how many are wrong, to the sample; next to zero it is let be", () => {
  const wrong = (count: number, margin: number) =>
    runProblems(measured({ margin }, right(2500 - count)), micro).length;
  // The tenth percentile lies between the samples of place 249 and 250, counted from 0.
  expect([250, 251].map((count) => wrong(count, 1))).toEqual([0, 1]);
  expect([250, 249].map((count) => wrong(count, -1))).toEqual([0, 1]);
  expect([wrong(900, 0.0005), wrong(0, -0.0005)]).toEqual([0, 0]);
});
