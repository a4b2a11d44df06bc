import { expect, test } from "vitest";
import { findProtocol } from "../../record/protocols.ts";
import { Run } from "../../record/run.ts";
import { problemLine } from "../../record/problem.ts";
import { type RunRule, runProblems } from "../../record/statement/run-problems.ts";
import { aDivergedRun, aRun, withFinal } from "../world/runs.ts";

const micro = findProtocol("micro-1");
const run = aRun();

test.each([
  ["completed", run],
  ["regularized", aRun({ arch: "cnn-16", regs: "wd=0.005,rl=10@2" })],
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
