/** @file Numbers that repeat behind the point from run to run, as clocks and sums of losses do not. */

import type { Run } from "../run.ts";
import type { Note } from "./note.ts";

/** Fractions are compared to the sixth place, which two unrelated ones share once in a million pairs. */
const PLACES = 1e6;
/** What is less, such as the seconds a diverged run's evaluation takes, has no six places of noise. */
const SMALLEST = 1e-3;
/** So improbable a number of shared fractions is noted: one honest entry in a million. */
const IMPROBABLE = 1e-6;

/**
 * At most two notes, one on seconds and one on losses.
 *
 * The harness's clock counts below the microsecond, and it sums losses of single samples in double precision; so
 * the sixth place is noise in both. (Losses of epochs are left out: they are summed in single precision, whose grain
 * is a whole nat in a long epoch.) Each run's number is held against the same number of the other runs; with P
 * pairs the shared fractions are Poisson(P / 10^6). Numbers written with fewer places are noted, too: no clock
 * stops at whole seconds eight times.
 */
export function repeatedFractions(runs: readonly Run[]): Note[] {
  const kinds = [
    ["Seconds", runs.map(secondsOf)],
    ["Loss sums", runs.map(lossesOf)],
  ] as const;
  return kinds.flatMap(([name, rows]): Note[] => {
    const { pairs, shared } = sharedFractions(rows);
    const expected = pairs / PLACES;
    if (poissonTail(shared, expected) >= IMPROBABLE) return [];
    const text =
      `${name} share six places behind the point between runs in ${shared} of ${pairs} pairs, ` +
      `where chance gives ${expected.toPrecision(1)}.`;
    return [{ kind: "repeated-fractions", text, entry: null }];
  });
}

function secondsOf({ timing }: Run): number[] {
  return [timing.trainSeconds, timing.evaluateSeconds, timing.controlSeconds];
}

function lossesOf({ final, heads }: Run): number[] {
  if (final === null || heads === null) return [];
  return [final.trainLossSum, final.testLossSum, ...heads.map(({ lossSum }) => lossSum)];
}

/**
 * Over pairs of rows, number by number.
 *
 * Unequal numbers less than one apart are left out: they may be near without anybody having copied a fraction.
 */
function sharedFractions(rows: readonly number[][]): { pairs: number; shared: number } {
  let [pairs, shared] = [0, 0];
  for (const [i, row] of rows.entries())
    for (const other of rows.slice(i + 1))
      for (const [j, value] of row.entries()) {
        const against = other[j] ?? 0;
        if (Math.min(value, against) < SMALLEST) continue;
        if (value !== against && Math.abs(value - against) < 1) continue;
        pairs += 1;
        if (fraction(value) === fraction(against)) shared += 1;
      }
  return { pairs, shared };
}

function fraction(value: number): number {
  return Math.round((value % 1) * PLACES) % PLACES;
}

/** P(X >= count) of a Poisson variable. */
function poissonTail(count: number, expected: number): number {
  if (count === 0) return 1;
  // summed upwards from `count`: 1 minus the lower part would lose all digits
  let term = Math.exp(-expected);
  for (let k = 1; k <= count; k++) term *= expected / k;
  let tail = 0;
  for (let k = count; term > tail * Number.EPSILON; term *= expected / ++k) tail += term;
  return tail;
}
