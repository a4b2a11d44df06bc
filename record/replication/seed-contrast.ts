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
      chosen: { odd: number; even: number }[];
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
  const valuesOf = ({ of }: Measured, cell: Cell) =>
    seeds.map((seed) => valueOf(of, runOf(cell, seed)));
  const parts = [
    ...contrast.terms.map((term) => weighted(valuesOf(term.measured, term.cell), term.weight)),
    ...contrast.ranks.map(({ cells, x, y, weight }) =>
      weighted(
        seeds.map((seed) => {
          const runs = cells.map((cell) => runOf(cell, seed));
          return tauOfRuns(runs, x, y);
        }),
        weight,
      ),
    ),
  ];
  const chosen: { odd: number; even: number }[] = [];
  for (const { among, judgedBy, measured, weight } of contrast.choices) {
    const judged = among.map((each) => valuesOf(judgedBy, each.judged));
    if (judged.flat().includes(null)) return { state: "void" };
    const best = crossFitted(judged as number[][]);
    chosen.push(best);
    const taken = among.map((each) => valuesOf(measured, each.taken));
    parts.push(
      weighted(
        seeds.map((_, i) => taken[isOddPlace(i) ? best.odd : best.even]![i]!),
        weight,
      ),
    );
  }
  const values = seeds.map((_, i) =>
    sumOf(
      contrast.constant,
      parts.map((part) => part[i]!),
    ),
  );
  if (values.includes(null)) return { state: "void" };
  const first = (cell: Cell) => runOf(cell, seeds[0]!);
  return { state: "complete", values: values as number[], least: leastOf(contrast, first), chosen };
}

function valueOf(of: Measured["of"], { run, protocol }: ReferenceRun): number | null {
  return of(run, protocol);
}

const weighted = (values: readonly (number | null)[], weight: number) =>
  values.map((value) => (value === null ? null : weight * value));

function sumOf(constant: number, parts: readonly (number | null)[]): number | null {
  return parts.reduce<number | null>(
    (sum, part) => (sum === null || part === null ? null : sum + part),
    constant,
  );
}

function tauOfRuns(runs: readonly ReferenceRun[], x: Measured, y: Measured): number | null {
  const [xs, ys] = [x, y].map(({ of }) => runs.map((run) => valueOf(of, run)));
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
export function crossFitted(judged: readonly (readonly number[])[]): { odd: number; even: number } {
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
