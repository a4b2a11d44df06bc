/** @file A contrast of a network's runs, seed by seed (docs/replication-plan.md). */

import { pairCount, tauOf } from "../statistics/kendall-tau.ts";
import { mean } from "../statistics/t-interval.ts";
import type { Measured } from "./measured.ts";
import type { ReferenceRun } from "./reference.ts";
import type { Cell, RunTable } from "./run-table.ts";

/** constant + terms + choices + ranks, at each seed. */
export interface SeedContrast {
  constant: number;
  terms: readonly Term[];
  choices: readonly Choice[];
  ranks: readonly Ranks[];
}

/** weight times a number of the cell's run. */
export interface Term {
  cell: Cell;
  measured: Measured;
  weight: number;
}

/**
 * The same of the best of several cells: each half of the seeds (odd places, even places) takes the one whose mean is
 * highest on the other half; of equal means the first.
 */
export interface Choice {
  /** In the same order: where the choice is made, and where its number is taken. */
  among: readonly { judged: Cell; taken: Cell }[];
  judgedBy: Measured;
  measured: Measured;
  weight: number;
}

/** weight times Kendall's tau-b of two numbers over the cells. */
export interface Ranks {
  cells: readonly Cell[];
  x: Measured;
  y: Measured;
  weight: number;
}

export const EMPTY_CONTRAST: SeedContrast = { constant: 0, terms: [], choices: [], ranks: [] };

/** What became of it; only what is `complete` can be tested. */
export type SeedValues =
  | {
      state: "complete";
      /** In the order of the seeds. */
      values: number[];
      /** The variance that a value has at least, as counts move in steps. */
      least: number;
      /** For each choice the places in `among` that the seeds at odd and at even places took. */
      chosen: Best[];
    }
  /** Runs are missing. */
  | { state: "not yet run" }
  /** A run diverged or lacks a number, or an order has nothing that varies. */
  | { state: "void" };

/** Cells that a contrast reads, each once. */
export function cellsOf({ terms, choices, ranks }: SeedContrast): Cell[] {
  const all = [
    ...terms.map(({ cell }) => cell),
    ...choices.flatMap(({ among }) => among.flatMap(({ judged, taken }) => [judged, taken])),
    ...ranks.flatMap(({ cells }) => cells),
  ];
  return [...new Map(all.map((cell) => [JSON.stringify(keyed(cell)), cell])).values()];
}

const keyed = ({ settings, regs, headInput }: Cell) => [settings, regs, headInput];

/** @param seeds shared ones, ascending; at least two where there is a choice. */
export function seedValues(
  contrast: SeedContrast,
  network: string,
  seeds: readonly number[],
  table: RunTable,
): SeedValues {
  const cells = cellsOf(contrast);
  if (cells.some((cell) => seeds.some((seed) => table.find(network, cell, seed) === null)))
    return { state: "not yet run" };
  const runOf = (cell: Cell, seed: number) => table.find(network, cell, seed)!;
  const runsOf = (cell: Cell) => seeds.map((seed) => runOf(cell, seed));
  const choices = contrast.choices.map((choice) => taken(choice, runsOf));
  const parts = [
    ...contrast.terms.map(({ cell, measured, weight }) => ({
      values: valuesOf(measured, runsOf(cell)),
      weight,
    })),
    ...choices.map(({ values }, i) => ({ values, weight: contrast.choices[i]!.weight })),
    ...contrast.ranks.map(({ cells, x, y, weight }) => ({
      values: seeds.map((seed) =>
        tauOfRuns(
          cells.map((cell) => runOf(cell, seed)),
          { x, y },
        ),
      ),
      weight,
    })),
  ];
  const values = seeds.map((_, i) =>
    parts.reduce<number | null>((sum, part) => {
      const value = part.values[i]!;
      return sum === null || value === null ? null : sum + part.weight * value;
    }, contrast.constant),
  );
  if (values.includes(null)) return { state: "void" };
  return {
    state: "complete",
    values: values as number[],
    least: leastOf(contrast, (cell) => runOf(cell, seeds[0]!)),
    chosen: choices.map(({ best }) => best),
  };
}

/** Which of several, by its place, the seeds at odd and at even places take. */
export interface Best {
  odd: number;
  even: number;
}

/** What each seed takes; null throughout where a run has nothing to be judged by. */
function taken(
  { among, judgedBy, measured }: Choice,
  runsOf: (cell: Cell) => readonly ReferenceRun[],
): { values: (number | null)[]; best: Best } {
  const judged = among.map((each) => valuesOf(judgedBy, runsOf(each.judged)));
  const isWhole = !judged.flat().includes(null);
  const best = isWhole ? crossFitted(judged as number[][]) : { odd: 0, even: 0 };
  const numbers = among.map((each) => valuesOf(measured, runsOf(each.taken)));
  const values = numbers[0]!.map((_, i) =>
    isWhole ? numbers[isOddPlace(i) ? best.odd : best.even]![i]! : null,
  );
  return { values, best };
}

const valuesOf = ({ of }: Measured, runs: readonly ReferenceRun[]) =>
  runs.map(({ run, protocol }) => of(run, protocol));

function tauOfRuns(runs: readonly ReferenceRun[], { x, y }: Pick<Ranks, "x" | "y">): number | null {
  const [xs, ys] = [x, y].map((each) => valuesOf(each, runs));
  if (xs!.includes(null) || ys!.includes(null)) return null;
  return tauOf(xs as number[], ys as number[]);
}

/** Places are counted from 1. */
const isOddPlace = (index: number) => index % 2 === 0;

/** Means of whole counts that are equal may differ in their last bits. */
const EQUAL = 1e-12;

/**
 * @param judged for each of several, its value at each seed.
 * @returns which the seeds at odd places take, as it has the highest mean at even places; and the other way round.
 */
export function crossFitted(judged: readonly (readonly number[])[]): Best {
  const bestAt = (isOdd: boolean) => {
    const means = judged.map((values) => mean(values.filter((_, i) => isOddPlace(i) === isOdd)));
    const highest = Math.max(...means);
    return means.findIndex((each) => each >= highest - EQUAL);
  };
  return { odd: bestAt(false), even: bestAt(true) };
}

/** Sum of squared weights times each number's own; a tau over k cells moves in steps of two of its pairs. */
function leastOf(
  { terms, choices, ranks }: SeedContrast,
  first: (cell: Cell) => ReferenceRun,
): number {
  const of = ({ least }: Measured, cell: Cell) => least(first(cell).run, first(cell).protocol);
  return [
    ...terms.map(({ cell, measured, weight }) => weight ** 2 * of(measured, cell)),
    ...choices.map(({ among, measured, weight }) => weight ** 2 * of(measured, among[0]!.taken)),
    ...ranks.map(({ cells, weight }) => (weight * (2 / pairCount(cells.length))) ** 2 / 12),
  ].reduce((sum, each) => sum + each, 0);
}
