/**
 * @file Does a measure order the gaps beyond what the hyperparameters already say? (Jiang et al. 2020, arXiv 1912.02178,
 * section 2; method.md section 5)
 */

import { tauOf } from "./kendall-tau.ts";
import { mean } from "./t-interval.ts";

/** A configuration: its coordinate on each axis, in the same order for all, its measure and its gap. */
export interface GridPoint {
  coordinates: readonly string[];
  measure: number;
  gap: number;
}

export interface Granulated {
  /** For each axis the mean tau-b over the groups that differ along it alone; null where no group has one. */
  byAxis: (number | null)[];
  /** Their mean, over the axes that have one; null without any. */
  psi: number | null;
}

/** Kendall's tau within lines of the grid: equal on all other axes, two or more points, both columns varying. */
export function granulatedTau(points: readonly GridPoint[], axes: number): Granulated {
  const byAxis = Array.from({ length: axes }, (_, axis) => {
    const lines = Map.groupBy(points, ({ coordinates }) =>
      JSON.stringify(coordinates.filter((_, i) => i !== axis)),
    );
    const taus = Array.from(lines.values(), (line) =>
      tauOf(
        line.map(({ measure }) => measure),
        line.map(({ gap }) => gap),
      ),
    );
    return meanOf(taus);
  });
  return { byAxis, psi: meanOf(byAxis) };
}

/** The smallest over the sets S of at most two axes of I(V_measure; V_gap | U_S) / H(V_gap | U_S), and that S. */
export interface ConditionalInformation {
  /** In [0, 1]: 0 where, given some S, the measure's order says nothing of the gap's. */
  share: number;
  axes: number[];
}

/**
 * V is the sign of the difference over an ordered pair of points, U_S the coordinates of both on S. Pairs tied in measure
 * or gap are left out; so is a set S that leaves nothing of the gap's order open.
 *
 * @returns null where every set does, or no pair is left.
 */
export function conditionalInformation(
  points: readonly GridPoint[],
  axes: number,
): ConditionalInformation | null {
  const pairs = points.flatMap((a) =>
    points
      .filter((b) => a.measure !== b.measure && a.gap !== b.gap)
      .map((b) => ({ a, b, measure: a.measure > b.measure, gap: a.gap > b.gap })),
  );
  const found = smallSets(axes).flatMap((set) => {
    const groups = Map.groupBy(pairs, ({ a, b }) =>
      JSON.stringify([a, b].map(({ coordinates }) => set.map((axis) => coordinates[axis]))),
    );
    let [open, shared] = [0, 0];
    for (const group of groups.values()) {
      const weight = group.length / pairs.length;
      const [ofGap, ofMeasure, ofBoth] = [
        entropy(group.map(({ gap }) => `${gap}`)),
        entropy(group.map(({ measure }) => `${measure}`)),
        entropy(group.map(({ gap, measure }) => `${gap} ${measure}`)),
      ];
      open += weight * ofGap;
      shared += weight * Math.max(0, ofGap + ofMeasure - ofBoth);
    }
    return open < 1e-12 ? [] : [{ share: Math.min(1, shared / open), axes: set }];
  });
  return found.reduce<ConditionalInformation | null>(
    (least, each) => (least === null || each.share < least.share ? each : least),
    null,
  );
}

/** The empty set, every axis, every two. */
function smallSets(axes: number): number[][] {
  const all = Array.from({ length: axes }, (_, i) => i);
  const twos = all.flatMap((a) => all.filter((b) => b > a).map((b) => [a, b]));
  return [[], ...all.map((a) => [a]), ...twos];
}

/** In bits. */
function entropy(values: readonly string[]): number {
  return Array.from(Map.groupBy(values, (value) => value).values()).reduce((sum, { length }) => {
    const share = length / values.length;
    return sum - share * Math.log2(share);
  }, 0);
}

function meanOf(values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 ? null : mean(present);
}
