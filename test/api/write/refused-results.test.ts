import { afterAll, beforeAll, expect, test } from "vitest";
import type { Run } from "../../../record/run.ts";
import type { Result } from "../../../record/statement/statements.ts";
import { aResult, bob, hex } from "../../world/statements.ts";
import { aWholeRun } from "../../world/runs.ts";
import { type Laboratory, openPeopledLaboratory, refused } from "../../world/laboratory.ts";
import { challenge } from "../../world/visitor.ts";

let laboratory: Laboratory;
beforeAll(async () => {
  laboratory = await openPeopledLaboratory();
});
afterAll(() => laboratory.close());

const PATH = "/v1/results";

/** A result that could stand, changed, and what it is refused for. */
type Change = (result: Result) => Result;
const withRun =
  (change: (run: Run) => Run): Change =>
  (result) => ({
    ...result,
    panel: result.panel.with(2, change(structuredClone(result.panel[2]!))),
  });

test.each<[string, Change, name: string, pointer: string]>([
  ["with another seed", withRun((run) => ({ ...run, seed: 9 })), "wrong-seeds", "/panel/2/seed"],
  [
    "with a seed twice",
    (r) => ({ ...r, panel: r.panel.with(2, r.panel[1]!) }),
    "wrong-seeds",
    "/panel/2/seed",
  ],
  ["with a seed missing", (r) => ({ ...r, fresh: r.fresh.slice(1) }), "wrong-seeds", "/fresh"],
  [
    "with a fresh seed of its own choice",
    (r) => ({ ...r, fresh: r.fresh.with(0, aWholeRun({ seed: 77 })) }),
    "wrong-seeds",
    "/fresh/0/seed",
  ],
  ["with fresh runs but no challenge", (r) => ({ ...r, challenge: null }), "wrong-seeds", "/fresh"],
  [
    "with impossible counts",
    withRun((run) => ({ ...run, testSamples: 20_000 })),
    "impossible-counts",
    "/panel/2/testSamples",
  ],
  [
    "with a run copied within it",
    (r) => ({ ...r, panel: r.panel.with(2, { ...r.panel[1]!, seed: 3 }) }),
    "copied-counts",
    "/panel/2",
  ],
  [
    "of an old harness",
    (r) => ({ ...r, harness: { version: "0.0.9", git: null } }),
    "foreign-challenge",
    "/harness/version",
  ],
  ["of an unknown protocol", (r) => ({ ...r, protocol: hex(1) }), "unknown-protocol", "/protocol"],
  ["of an unknown architecture", (r) => ({ ...r, arch: "mlp-x" }), "malformed-statement", "/arch"],
  [
    "of regularizers written otherwise",
    (r) => ({ ...r, regs: "wd=0.0050" }),
    "malformed-statement",
    "/regs",
  ],
  ["of unknown regularizers", (r) => ({ ...r, regs: "luck=1" }), "malformed-statement", "/regs"],
  [
    "of another architecture than committed to",
    (r) => ({ ...r, arch: "mlp-256" }),
    "foreign-challenge",
    "/arch",
  ],
  [
    "with a challenge never issued",
    (r) => ({ ...r, challenge: hex(2) }),
    "unknown-challenge",
    "/challenge",
  ],
  [
    "that replaces nothing known",
    (r) => ({ ...r, supersedes: hex(3) }),
    "unknown-statement",
    "/supersedes",
  ],
])("a result %s is refused", async (_, change, name, pointer) => {
  const result = change(aResult(await challenge(laboratory)));
  const problem = await refused(laboratory, () => laboratory.submit(PATH, "result", result));
  expect(problem.errors.map((error) => error.pointer)).toContain(pointer);
  expect(problem.name).toBe(name);
  laboratory.wait(8 * 86_400); // its challenge expires, so that the next may be issued
});
test("a result below the protocol's least harness is refused", async () => {
  const result = { ...aResult(null), harness: { version: "0.0.9", git: null } };
  const problem = await refused(laboratory, () => laboratory.submit(PATH, "result", result));
  expect(problem.name).toBe("old-harness");
});

test("another key's challenge is a foreign one", async () => {
  const result = { ...aResult(await challenge(laboratory)), key: bob.key };
  const problem = await refused(laboratory, () => laboratory.submit(PATH, "result", result, bob));
  expect(problem.name).toBe("foreign-challenge");
  expect(problem.errors.map(({ pointer }) => pointer)).toEqual(["/key"]);
});
