import { expect, test } from "vitest";
import { findProtocol } from "../../../record/protocols.ts";
import type { Run } from "../../../record/run.ts";
import type { IssuedChallenge } from "../../../record/statement/challenge.ts";
import { Result } from "../../../record/statement/statements.ts";
import { type MeasurementRule, resultProblems } from "../../../record/statement/result-problems.ts";
import { aChallenge, aResult, bob } from "../../world/statements.ts";
import type { RunMeasures } from "../../../record/run-measures.ts";
import { aWholeDivergedRun, aWholeRun, someMeasures } from "../../world/runs.ts";
import { challenge, problemsOf, result, withRun } from "./sample-result.ts";
import { cloudOfWidth, nullAccuracy } from "../../../record/statistics/null-accuracy.ts";

/** The result with measures in every panel run, changed. */
function measured(change: (measures: RunMeasures, i: number) => Partial<RunMeasures>): Result {
  const measures = someMeasures();
  const panel = result.panel.map((run, i) => ({
    ...run,
    measures: { ...measures, ...change(measures, i) },
  }));
  return { ...result, panel };
}

test("a result may carry measures, in all runs or in some", () => {
  expect(problemsOf(measured(() => ({})))).toEqual([]);
  const { panel } = measured(() => ({}));
  expect(problemsOf({ ...result, panel: [...panel.slice(0, 4), result.panel[4]!] })).toEqual([]);
});

test("a result stands, with a challenge and without one", () => {
  expect(problemsOf(result)).toEqual([]);
  expect(problemsOf(aResult(null), null)).toEqual([]);
});

test("diverged runs stand: divergence is a result", () => {
  const diverged = (run: Run) => aWholeDivergedRun({ seed: run.seed });
  expect(problemsOf(withRun(diverged))).toEqual([]);
  expect(problemsOf(withRun((run) => ({ ...diverged(run), epochs: [] })))).toEqual([]);
  const whole = withRun((run) => ({ ...diverged(run), epochs: run.epochs })); // in its last evaluation
  expect(problemsOf(whole)).toEqual([]);
  const all = { ...result, panel: result.panel.map(diverged), fresh: result.fresh.map(diverged) };
  expect(problemsOf(all)).toEqual([]);
});

test.each<[string, Result, pointer: string, rule: string, code: MeasurementRule]>([
  [
    "of another protocol",
    { ...result, protocol: "0".repeat(64) },
    "/protocol",
    "the id of micro",
    "protocol",
  ],
  [
    "of an old harness",
    { ...result, harness: { version: "0.0.9", git: null } },
    "/harness/version",
    "at least 0.2.0",
    "harness-version",
  ],
  [
    "with a panel seed missing",
    { ...result, panel: result.panel.slice(1) },
    "/panel",
    "5 runs",
    "panel-seeds",
  ],
  [
    "with a fresh seed missing",
    { ...result, fresh: result.fresh.slice(1) },
    "/fresh",
    "3 runs",
    "fresh-seeds",
  ],
  [
    "with a run too many",
    { ...result, fresh: [...result.fresh, aWholeRun({ seed: 6 })] },
    "/fresh",
    "3 runs",
    "fresh-seeds",
  ],
  [
    "with a wrong panel seed",
    withRun((run) => ({ ...run, seed: 9 })),
    "/panel/2/seed",
    "3",
    "panel-seeds",
  ],
  [
    "with a seed twice",
    withRun((run) => ({ ...run, seed: 2 })),
    "/panel/2/seed",
    "3",
    "panel-seeds",
  ],
  [
    "with a chosen fresh seed",
    { ...result, fresh: result.fresh.with(1, aWholeRun({ seed: 6 })) },
    "/fresh/1/seed",
    "",
    "fresh-seeds",
  ],
  [
    "with the fresh runs in another order",
    { ...result, fresh: result.fresh.toReversed() },
    "/fresh/0/seed",
    "",
    "fresh-seeds",
  ],
  ["under another key", { ...result, key: bob.key }, "/key", "as committed to", "commitment"],
  [
    "of another configuration than committed to",
    { ...aResult(aChallenge({ regs: "wd=0.005" })), challenge: challenge.id },
    "/regs",
    "as committed to: none",
    "commitment",
  ],
  [
    "with a source that its name has not",
    { ...result, source: "trunk()" },
    "/source",
    "none, as mlp-512 names no code of its own",
    "custom-code",
  ],
  [
    "with a regularized tap that its network has not",
    { ...result, regs: "rl=10@5" },
    "/regs",
    "mlp-512 has taps 1 to 2",
    "configuration",
  ],
  [
    "of patches that do not tile its images",
    { ...result, arch: "vit-ti-5" },
    "/arch",
    "patches of 5 do not tile micro-1's 32 x 32 images",
    "configuration",
  ],
  [
    "of no architecture",
    { ...result, arch: "mlp" },
    "/arch",
    "no such architecture",
    "configuration",
  ],
  [
    "of another harness than committed to",
    { ...result, harness: { version: "0.3.0", git: null } },
    "/harness/version",
    "as committed to: 0.2.0",
    "commitment",
  ],
  [
    "with a foreign run",
    withRun((run) => aWholeRun({ seed: run.seed, regs: "wd=0.005" })),
    "/panel/2/regs",
    "none, like the others",
    "same-configuration",
  ],
  [
    "with a run of another size",
    withRun((run) => ({ ...run, params: 7 })),
    "/panel/2/params",
    "1841162, like the others",
    "same-configuration",
  ],
  [
    "with a run of wider taps",
    withRun((run) => {
      const { controls } = structuredClone(run);
      const rungs = controls!.null[0]!;
      const counts = nullAccuracy(run.trainSamples, rungs.n, cloudOfWidth(513, run.trainSamples));
      Object.assign(rungs, { width: 513, counts });
      return { ...run, controls };
    }),
    "/panel/2/controls/null",
    "taps of width 512, 512, like the others",
    "same-configuration",
  ],
  [
    "with a layer more in one run",
    measured((measures, i) => (i === 2 ? { layers: measures.layers!.slice(1) } : {})),
    "/panel/2/measures/layers",
    "3 items, like the others",
    "same-configuration",
  ],
  [
    "with a diverged run that went on longer than its protocol",
    withRun((run) => {
      return { ...aWholeDivergedRun({ seed: run.seed }), epochs: [...run.epochs, run.epochs[0]!] };
    }),
    "/panel/2/epochs",
    "more than 30",
    "epochs",
  ],
  [
    "with a copied run",
    withRun((run) => ({ ...result.panel[0]!, seed: run.seed })),
    "/panel/2",
    "counts of its own",
    "own-counts",
  ],
])("a result %s is refused", (_, statement, pointer, rule, code) => {
  const found = problemsOf(statement);
  expect(found.map((problem) => problem.pointer)).toContain(pointer);
  expect(found.find((problem) => problem.pointer === pointer)).toMatchObject({
    code,
    rule: expect.stringContaining(rule) as string,
  });
});

test.each<[string, MeasurementRule, IssuedChallenge | null]>([
  ["was never issued", "issued-challenge", null],
  ["is another one", "issued-challenge", { ...challenge, id: "0".repeat(64) }],
  [
    "was issued for a reproduction",
    "challenge-purpose",
    aChallenge({ reproduces: "1".repeat(64) }),
  ],
])("a result whose challenge %s is refused", (_, code, issued) => {
  const named = { ...result, challenge: issued?.commitment.reproduces ? issued.id : challenge.id };
  expect(problemsOf(named, issued)[0]).toMatchObject({ code, pointer: "/challenge" });
});

test("with another nonce, every fresh seed is wrong", () => {
  const found = problemsOf(result, { ...challenge, nonce: "ac".repeat(32) });
  expect(found.map(({ pointer }) => pointer)).toEqual([
    "/fresh/0/seed",
    "/fresh/1/seed",
    "/fresh/2/seed",
  ]);
});

test("fresh runs without a challenge are refused", () => {
  expect(problemsOf({ ...result, challenge: null }, null)).toEqual([
    { code: "fresh-seeds", pointer: "/fresh", rule: "empty", found: "3 items" },
  ]);
});

test("a statement that falls by its seeds has no run looked at, and one that falls by a run none of those after it", () => {
  const broken = (run: Run) => ({ ...run, params: run.params + run.seed });
  const all = { ...result, panel: result.panel.map(broken) };
  const pointers = (statement: Result) => problemsOf(statement).map(({ pointer }) => pointer);
  expect(pointers({ ...all, panel: all.panel.with(2, { ...all.panel[2]!, seed: 9 }) })).toEqual([
    "/panel/2/seed",
  ]);
  expect(pointers(all)).toEqual(["/panel/1/params"]);
});

test("taps that a result may not declare are told where they stand in it", () => {
  const declared = withFirst((run) => ({ ...run, customTaps: ["a", "b"] }));
  expect(problemsOf(declared)).toMatchObject([
    { code: "custom-code", pointer: "/panel/0/customTaps", found: "2 items" },
  ]);
});

function withFirst(change: (run: Run) => Run): Result {
  return { ...result, panel: result.panel.with(0, change(result.panel[0]!)) };
}

test("an aggregate has no place in a result", () => {
  for (const smuggled of [
    { ...result, learnedComplexity: 0.1 },
    { ...result, panel: [{ ...result.panel[0]!, testAccuracy: 0.99 }, ...result.panel.slice(1)] },
  ])
    expect(Result.safeParse(smuggled).success).toBe(false);
});

test("a result of another published protocol is not one of this", () => {
  const cifar = findProtocol("cifar10-1");
  expect(resultProblems(result, cifar, challenge)[0]!.pointer).toBe("/protocol");
});
