import { expect, test } from "vitest";
import type { Measured } from "../../../record/replication/measured.ts";
import type { ReferenceRun } from "../../../record/replication/reference.ts";
import { type Cell, type RunTable, cellName } from "../../../record/replication/run-table.ts";
import {
  EMPTY_CONTRAST,
  type SeedContrast,
  cellsOf,
  crossFitted,
  seedValues,
} from "../../../record/replication/seed-contrast.ts";
import { mean } from "../../../record/statistics/t-interval.ts";
import { aRun, micro } from "../../world/runs.ts";

/** Test-correct counts of 10,000, by cell, at seeds 1, 2, 3, ...; null: diverged. */
type Counts = Record<string, readonly (number | null)[]>;

const A_RUN = aRun();

/** The table and its cells without a protocol or a file: what is looked up is what was put in. */
function tableOf(counts: Counts): RunTable {
  return {
    find(network, cell, seed) {
      const correct = counts[cellName(cell)]?.[seed - 1];
      if (correct === undefined) return null;
      const final = { ...A_RUN.final!, testCorrect: correct ?? 0 };
      const status = correct === null ? "diverged" : "completed";
      return { run: { ...A_RUN, seed, final, status }, protocol: micro, network } as ReferenceRun;
    },
    regularizers: () => Object.keys(counts),
  };
}

const cell = (regs: string): Cell => ({ settings: [], regs, headInput: "rms" });

const accuracy: Measured = {
  of: ({ status, final }) => (status === "diverged" ? null : final!.testCorrect / 10_000),
  least: () => 1e-8 / 12,
};

const valuesOf = (contrast: Partial<SeedContrast>, counts: Counts, seeds = [1, 2, 3, 4, 5]) =>
  seedValues({ ...EMPTY_CONTRAST, ...contrast }, "mlp-512", seeds, tableOf(counts));

const term = (regs: string, weight: number) => ({ cell: cell(regs), measured: accuracy, weight });
const choice = (among: string[], weight: number) => ({
  among: among.map((regs) => ({ judged: cell(regs), taken: cell(regs) })),
  ...{ judgedBy: accuracy, measured: accuracy, weight },
});

test("weights, a constant and the floor of the steps, seed by seed", () => {
  const found = valuesOf(
    { constant: 0.1, terms: [term("none", 0.9), term("wd=0.005", -0.9)] },
    { none: [5000, 5100, 5200, 5000, 5000], "wd=0.005": [4000, 4100, 5200, 6000, 5000] },
  );
  if (found.state !== "complete") throw new Error(found.state);
  for (const [i, value] of [0.19, 0.19, 0.1, 0.01, 0.1].entries())
    expect(found.values[i]).toBeCloseTo(value, 12);
  expect(found.least).toBeCloseTo((2 * 0.81 * 1e-8) / 12, 20);
});

test("a missing run is not yet run, a diverged one void; of both, not yet run", () => {
  const terms = [term("none", 1), term("aug", -1)];
  const whole = [1, 2, 3, 4, 5];
  expect(valuesOf({ terms }, { none: whole })).toEqual({ state: "not yet run" });
  expect(valuesOf({ terms }, { none: whole, aug: [1, 2, 3, 4] }).state).toBe("not yet run");
  expect(valuesOf({ terms }, { none: whole, aug: [1, 2, null, 4, 5] }).state).toBe("void");
  expect(valuesOf({ terms }, { none: [null, 2], aug: whole }).state).toBe("not yet run");
  const choices = [choice(["none", "aug"], 1)];
  expect(valuesOf({ choices }, { none: whole, aug: [1, 2, null, 4, 5] }).state).toBe("void");
});

test("nobody is judged on the seeds that chose: odd places take the best of even ones, and the other way round", () => {
  // means at places 1, 3, 5: a .3, b .4; at 2, 4: a .6, b .5. So odd places take a, even ones b.
  const counts = { a: [2000, 6000, 3000, 6000, 4000], b: [4000, 5000, 4000, 5000, 4000] };
  const found = valuesOf({ choices: [choice(["a", "b"], 1)] }, counts);
  expect(found).toEqual({
    state: "complete",
    values: [0.2, 0.5, 0.3, 0.5, 0.4],
    least: 1e-8 / 12,
    chosen: [{ odd: 0, even: 1 }],
  });
});

test("places, not seeds, are odd and even; what is taken may lie in another cell than what was judged", () => {
  const counts = { a: [9, 9, 1000, 2000, 1000], b: [9, 9, 2000, 1000, 2000] };
  const elsewhere = { c: [9, 9, 10, 20, 30], d: [9, 9, 40, 50, 60] };
  const among = [
    { judged: cell("a"), taken: cell("c") },
    { judged: cell("b"), taken: cell("d") },
  ];
  const made = { among, judgedBy: accuracy, measured: accuracy, weight: -1 };
  // at places 1 and 3 (seeds 3, 5) b is best, so place 2 takes d; at place 2 a is best, so 1 and 3 take c
  const found = valuesOf({ choices: [made] }, { ...counts, ...elsewhere }, [3, 4, 5]);
  expect(found).toMatchObject({ values: [-0.001, -0.005, -0.003], chosen: [{ odd: 0, even: 1 }] });
});

test("of equal means the first is taken, though their last bits differ", () => {
  const [a, b] = [
    [0.01, 0.01, 0.02, 0.02, 0.7, 0.7],
    [0.7, 0.7, 0.01, 0.01, 0.02, 0.02],
  ];
  expect(mean([0.01, 0.02, 0.7])).not.toBe(mean([0.7, 0.01, 0.02]));
  expect(crossFitted([a, b])).toEqual({ odd: 0, even: 0 });
  expect(crossFitted([b, a])).toEqual({ odd: 0, even: 0 });
});

const tauOver = (regs: string[], y: Measured) => ({
  ranks: [{ cells: regs.map(cell), x: accuracy, y, weight: 1 }],
});

test("Kendall's tau over cells, seed by seed, with two pairs of its number for a step", () => {
  const seedTimes: Measured = {
    of: ({ seed, final }) => (seed * final!.testCorrect) % 7,
    least: () => 0,
  };
  const counts = { a: [1, 1], b: [2, 2], c: [3, 3], d: [4, 4] };
  // seed 1: 1 2 3 4 against 1 2 3 4; seed 2: against 2 4 6 1, three of six pairs the other way round
  const found = valuesOf(tauOver(["a", "b", "c", "d"], seedTimes), counts, [1, 2]);
  expect(found).toMatchObject({ state: "complete", values: [1, 0], least: (2 / 6) ** 2 / 12 });
  const same: Measured = { of: () => 1, least: () => 0 };
  expect(valuesOf(tauOver(["a", "b", "c", "d"], same), counts, [1, 2]).state).toBe("void");
});

test("each cell once, however often it is read", () => {
  const contrast = {
    ...EMPTY_CONTRAST,
    terms: [term("none", 1), term("none", -1)],
    choices: [choice(["none", "aug"], 1)],
  };
  expect(cellsOf(contrast).map(cellName)).toEqual(["none", "aug"]);
});
