/** @file What each regularizer changes against `none`, quantity by quantity: the cells of the verdict matrix. */

import type { BoardRow } from "../../record/board/board-row.ts";
import type { Change as TestedChange, SentencesDocument } from "../../record/answers/documents.ts";
import { SAID } from "../../record/board/comparison-words.ts";
import { regularizerFamily, FAMILIES } from "../charts/families.ts";
import { weighedRows } from "./shown-rows.ts";

/** In the order of the columns. */
export const CHANGED = SAID;
export type Changed = (typeof CHANGED)[number];

/** Untested: a difference of means, as the board's tests are of few pairs. */
export interface Change {
  verdict: TestedChange["verdict"] | "untested";
  /** Regularized minus `none`, a share; null where a number is missing. */
  difference: number | null;
  /** Of the difference's 95 % interval, uncorrected; null without one. */
  interval: readonly [low: number, high: number] | null;
  p: number | null;
}

export interface MatrixCell {
  /** The two entries, for a comparison. */
  entry: string;
  none: string;
  changes: Readonly<Record<Changed, Change>>;
}

export interface ChangeMatrix {
  architectures: readonly string[];
  /** By family of regularizers, then by name; a cell for each architecture that has been trained so. */
  rows: readonly { regs: string; cells: ReadonlyMap<string, MatrixCell> }[];
}

type Sentence = SentencesDocument["sentences"][number];

/** Null when no architecture has an unregularized entry and another. */
export function changeMatrix(
  rows: readonly BoardRow[],
  sentences: readonly Sentence[],
): ChangeMatrix | null {
  const weighed = weighedRows(rows);
  const plain = new Map(weighed.flatMap((row) => (row.regs === "none" ? [[row.arch, row]] : [])));
  const tested = new Map(sentences.map((each) => [`${each.entry} ${each.none}`, each]));
  const cells = weighed.flatMap((row) => {
    const none = plain.get(row.arch);
    if (row.regs === "none" || none === undefined) return [];
    const sentence = tested.get(`${row.entry} ${none.entry}`);
    return [{ row, cell: cellOf(row, none, sentence?.changes ?? []) }];
  });
  if (cells.length === 0) return null;
  const byRegs = Map.groupBy(cells, ({ row }) => row.regs);
  return {
    architectures: [...new Set(cells.map(({ row }) => row.arch))].toSorted(byName),
    rows: [...byRegs]
      .map(([regs, own]) => ({
        regs,
        cells: new Map(own.map(({ row, cell }) => [row.arch, cell])),
      }))
      .toSorted((a, b) => order(a.regs) - order(b.regs) || byName(a.regs, b.regs)),
  };
}

function cellOf(row: BoardRow, none: BoardRow, tested: readonly TestedChange[]): MatrixCell {
  const changes = CHANGED.map((quantity) => {
    const test = tested.find((each) => each.quantity === quantity);
    return [quantity, test ? testedChange(test) : difference(row, none, quantity)] as const;
  });
  const byQuantity = Object.fromEntries(changes) as Record<Changed, Change>;
  return { entry: row.entry, none: none.entry, changes: byQuantity };
}

function testedChange({ verdict, difference, p }: TestedChange): Change {
  if (difference === null) return { verdict, difference: null, interval: null, p };
  const { mean, low, high } = difference;
  const interval = low === null || high === null ? null : ([low, high] as const);
  return { verdict, difference: mean, interval, p };
}

function difference({ numbers }: BoardRow, none: BoardRow, quantity: Changed): Change {
  const [own, other] = [numbers[quantity], none.numbers[quantity]];
  const value = own && other ? own.mean - other.mean : null;
  return { verdict: "untested", difference: value, interval: null, p: null };
}

const ORDER = Object.keys(FAMILIES);
const order = (regs: string) => ORDER.indexOf(regularizerFamily(regs));

/** `wd=0.02` before `wd=0.1`, `mlp-64` before `mlp-256`. */
export function byName(a: string, b: string): number {
  const [first, second] = [a, b].map((text) => text.split(/(\d+(?:\.\d+)?(?:e-?\d+)?)/));
  for (const [i, part] of first!.entries()) {
    const other = second![i] ?? "";
    const difference = i % 2 === 1 ? Number(part) - Number(other) : 0;
    if (difference !== 0) return difference;
    if (i % 2 === 0 && part !== other) return part < other ? -1 : 1;
  }
  return first!.length - second!.length;
}

/** A regularizer, with what it changes of test accuracy. */
export interface Lowering {
  regs: string;
  test: Change;
}

/**
 * Regularizers of an architecture that lower learned complexity by the test: those for which test accuracy is shown to be
 * higher, those for which it is shown to be lower, and the others, for which that does not show that it is the same.
 */
export function lowering({ rows }: ChangeMatrix, arch: string) {
  const lower = rows.flatMap(({ regs, cells }) => {
    const changes = cells.get(arch)?.changes;
    return changes?.learnedComplexity.verdict === "lower"
      ? [{ regs, test: changes.testAccuracy }]
      : [];
  });
  const with_ = (...verdicts: Change["verdict"][]): Lowering[] =>
    lower.filter(({ test }) => verdicts.includes(test.verdict));
  return {
    raising: with_("higher"),
    undecided: with_("not distinguishable", "too few shared seeds", "untested"),
    costing: with_("lower"),
  };
}
