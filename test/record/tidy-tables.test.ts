import { expect, test } from "vitest";
import { CONTROL_NUMBERS, RANKED } from "../../record/board/board-columns.ts";
import { type Value, csvNames } from "../../record/csv.ts";
import { RunNumbers } from "../../record/metrics-schema.ts";
import { outcome } from "../../record/summary.ts";
import { type TableName, type TidySource, tidyTables } from "../../record/tidy-tables.ts";
import type { Run } from "../../record/run.ts";
import { aDivergedRun, aLearnedRun, aRun, micro } from "../world/runs.ts";

const MADE_ON = {
  ...{ device: "cpu", library: "tensorflow 2.18.0", precision: "float32" },
  ...{ cpu: "Some Processor", gpus: null, threads: 2, harness: "0.2.0" },
};

const source = (runs: [Run, ...Run[]]): TidySource => ({
  ...MADE_ON,
  runs,
  outcome: outcome(runs, micro),
  headline: micro.headline,
});

const seeds = [1, 2, 3];
const learned = seeds.map((seed) => aLearnedRun("cnn-8", "rl=10", seed, 0.5)) as [Run, ...Run[]];
const evaluated = { trainCorrect: 1250, testCorrect: 4000 };
const diverged = aDivergedRun({ arch: "mlp-256", regs: "wd=1", seed: 4 });
const begun = aRun({ arch: "mlp-256", regs: "wd=1", seed: 5 });
begun.epochs[1]!.evaluated = evaluated;
const tables = tidyTables([source(learned), source([diverged, begun])]);

type Row = Record<string, Value>;

function rowsOf(name: TableName, chosen: Row = {}): Row[] {
  const { columns, rows } = tables.find((each) => each.name === name)!;
  return rows
    .map((row) => Object.fromEntries(columns.map((column, i) => [column.name, row[i]!])))
    .filter((row) => Object.entries(chosen).every(([key, value]) => row[key] === value));
}

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

test("every cell is of its column's type or null, and every table has all keys that it is joined by", () => {
  const isOf = {
    text: (value: Value) => typeof value === "string",
    integer: (value: Value) => Number.isSafeInteger(value),
    number: (value: Value) => Number.isFinite(value),
    boolean: (value: Value) => typeof value === "boolean",
  };
  for (const { name, columns, rows } of tables) {
    const names = columns.map((column) => column.name);
    expect(new Set(names).size, name).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(["protocol", "arch", "regs"]));
    for (const row of rows) {
      expect(row).toHaveLength(columns.length);
      const wrong = columns.filter(({ type }, i) => row[i] !== null && !isOf[type](row[i]!));
      expect([name, wrong]).toEqual([name, []]);
    }
  }
  expect(tables.map(({ name, rows }) => [name, rows.length])).toEqual([
    ["configurations", 2],
    ["runs", 5],
    // six heads a tap and one more at the last; two on the frozen trunk
    ["heads", 3 * (19 + 2) + 2 * (13 + 2)],
    ["epochs", 3 * 30 + 1 + 2],
    ["head_epochs", 3 * 30 * (19 + 2) + 3 * (13 + 2)],
    ["controls", 3 * 2 * 6 + 2 * 5],
    // 99 where the told labelling is ranked among them, 8 elsewhere
    ["redraws", 3 * (5 * 8 + 99 + 6 * 8) + (4 * 8 + 99 + 5 * 8)],
  ]);
});

test("a run's numbers follow from the other tables", () => {
  const [n, first] = [micro.headline, micro.measures.refit.redraws];
  const above = (correct: number) => (correct / 2500 - 1 / n) / (1 - 1 / n);
  for (const run of rowsOf("runs", { arch: "cnn-8" })) {
    const here = { seed: run["seed"]!, tap: 3, n };
    const heads = rowsOf("heads", { ...here, regularized: false });
    const complexity = (trunk: string) =>
      heads.filter((head) => head["trunk"] === trunk).map((head) => head["normalized"] as number);
    expect(complexity("network")).toHaveLength(1); // rl= acts on the other draw
    expect(run["learnedComplexity"]).toBeCloseTo(average(complexity("network")), 12);
    const redraws = rowsOf("redraws", { ...here, trunk: "network" }).map((row) =>
      above(row["correct"] as number),
    );
    expect(run["capacity"]).toBeCloseTo(average(redraws.slice(0, first)), 12);
    const [refit] = rowsOf("controls", { ...here, trunk: "network" });
    expect(refit).toMatchObject({ redraws: redraws.length, capacity: run["capacity"] });
    const told = above(refit!["toldCorrect"] as number);
    expect(run["selectivity"]).toBeCloseTo(told - average(redraws), 12);
    expect(run["gap"]).toBeCloseTo(
      (run["trainCorrect"] as number) / 2500 - (run["testCorrect"] as number) / 10_000,
      12,
    );
  }
});

test("a configuration's means are those of its runs, and the ends of an interval lie around them", () => {
  const [row] = rowsOf("configurations", { arch: "cnn-8" });
  const runs = rowsOf("runs", { arch: "cnn-8" });
  for (const name of ["capacity", "gap"]) {
    const mean = average(runs.map((run) => run[name] as number));
    expect(row![name]).toBeCloseTo(mean, 12);
    const [low, high] = [row![`${name}Low`] as number, row![`${name}High`] as number];
    expect((low + high) / 2).toBeCloseTo(mean, 12);
    expect(low).toBeLessThan(high);
  }
});

test("a diverged run has nulls, and the epochs that it finished", () => {
  const [run] = rowsOf("runs", { seed: 4 });
  expect(run).toMatchObject({ status: "diverged", epochs: 1, testCorrect: null, capacity: null });
  expect(rowsOf("configurations", { arch: "mlp-256" })[0]).toMatchObject({
    ...{ runs: 2, diverged: 1, capacity: null, capacityLow: null },
  });
  expect(rowsOf("heads", { seed: 4 })[0]).toMatchObject({ onlineCorrect: 1250, final: null });
  expect(rowsOf("controls", { seed: 4 })).toEqual([]);
  expect(rowsOf("epochs", { seed: 4 })).toHaveLength(1);
});

test("an epoch after which it was evaluated has train, test and gap; the others have nulls", () => {
  const [first, second] = rowsOf("epochs", { seed: 5 });
  expect(first).toMatchObject({ epoch: 1, onlineAccuracy: 0.4, onlineLoss: 1.6, gap: null });
  expect(second).toMatchObject({ trainAccuracy: 0.5, testAccuracy: 0.4, gap: 0.5 - 0.4 });
});

test("a head and epoch: A is 0 at chance, and heads on the frozen trunk follow those on the network", () => {
  const rows = rowsOf("head_epochs", { seed: 5, epoch: 1 });
  expect(rows.map((row) => row["trunk"])).toEqual([
    ...Array.from({ length: 13 }, () => "network"),
    ...["frozen", "frozen"],
  ]);
  expect(rows.find((row) => row["n"] === 100)).toMatchObject({ onlineCorrect: 25, normalized: 0 });
  expect(rows.at(-1)).toMatchObject({ tap: 2, n: 100, draw: 1, regularized: false });
});

test("a run's row has every number that a summary takes means of, in the same order", () => {
  const names = tables[1]!.columns.map(({ name }) => name);
  const numbers = Object.keys(RunNumbers.shape);
  const from = names.indexOf(numbers[0]!);
  expect(names.slice(from, from + numbers.length)).toEqual(numbers);
});

test("a number that a board's CSV has, too, is named as there", () => {
  const names = tables[0]!.columns.map(({ name }) => name);
  const board = [...RANKED, ...CONTROL_NUMBERS].flatMap(csvNames);
  expect(names).toEqual(expect.arrayContaining([...board, "equivalentWidthBound", "selectivityP"]));
});
