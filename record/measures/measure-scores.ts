/** @file Which measure puts configurations in the order of their generalization gaps? */

import { tauInterval } from "./bootstrap.ts";
import { MEASURE_NAMES, MEASURES, type MeasuredEntry, type MeasureName } from "./entry-measures.ts";
import { kendallTau, sortPairs } from "./kendall.ts";

export interface MeasureScore {
  name: MeasureName;
  title: string;
  /** Kendall's tau-b of measure and gap; null when one of them does not vary. */
  tau: number | null;
  low: number | null;
  high: number | null;
  /** Configurations that have both numbers, and the pairs they make. */
  entries: number;
  pairs: number;
  points: { entry: string; arch: string; regs: string; measure: number; gap: number }[];
}

export const MOST_POINTS = 500;

/**
 * One score for each measure, in the order of `MEASURES`.
 *
 * @param entries one for each configuration, as copies would weigh as measurements.
 * @param pause called now and then: intervals of all measures take seconds.
 */
export async function measureScores(
  entries: readonly MeasuredEntry[],
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<MeasureScore[]> {
  const scores: MeasureScore[] = [];
  for (const name of MEASURE_NAMES) scores.push(await measureScore(name, entries, pause));
  return scores;
}

async function measureScore(
  name: MeasureName,
  entries: readonly MeasuredEntry[],
  pause: () => Promise<void>,
): Promise<MeasureScore> {
  const points = entries.flatMap(({ entry, arch, regs, gap, measures }) => {
    const measure = measures[name];
    return measure === null || gap === null ? [] : [{ entry, arch, regs, measure, gap }];
  });
  const sorted = sortPairs(
    Float64Array.from(points, ({ measure }) => measure),
    Float64Array.from(points, ({ gap }) => gap),
  );
  const tau = kendallTau(sorted);
  const bounds = tau === null ? null : await tauInterval(sorted, tau, pause);
  return {
    name,
    title: MEASURES[name].title,
    tau,
    low: bounds?.low ?? null,
    high: bounds?.high ?? null,
    entries: points.length,
    pairs: (points.length * (points.length - 1)) / 2,
    points: evenly(points, MOST_POINTS),
  };
}

/** At most so many, evenly spread over the list, first and last among them. */
function evenly<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  const step = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => items[Math.round(i * step)]!);
}
