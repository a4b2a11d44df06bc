/** @file Is the told labelling fitted unlike labellings that no head met? An exact test over runs (method.md section 4). */

/** One run: correct samples under the told labelling, and under each redraw. */
export interface ToldCount {
  told: number;
  redraws: readonly number[];
}

/**
 * Two-sided p of the told labelling's rank sum.
 *
 * If the features know nothing of the labels that were told, each run's told labelling is one of its R + 1 labellings like
 * any other, so its mid-rank is uniform over theirs; sums over runs are convolved, ties and all.
 *
 * @returns null without runs.
 * @example selectivityP([{ told: 3, redraws: [5, 6, 7] }]) // 0.5: the lowest of four, or the highest
 */
export function selectivityP(runs: readonly ToldCount[]): number | null {
  if (runs.length === 0) return null;
  // twice the mid-rank minus its mean is a whole number, so a sum is an index once all are made positive
  let sums = Float64Array.of(1);
  let [observed, most] = [0, 0];
  for (const { told, redraws } of runs) {
    const all = [told, ...redraws];
    const ranks = doubledRanks(all);
    observed += ranks[0]!;
    most += redraws.length;
    const next = new Float64Array(2 * most + 1);
    for (const rank of ranks) {
      const shift = rank + redraws.length;
      for (let i = 0; i < sums.length; i++) next[shift + i]! += sums[i]! / all.length;
    }
    sums = next;
  }
  const p = sums.reduce(
    (sum, probability, i) => (Math.abs(i - most) >= Math.abs(observed) ? sum + probability : sum),
    0,
  );
  return Math.min(1, p);
}

/** For each value, the number of lower ones minus that of higher ones: twice (mid-rank - mean rank). */
function doubledRanks(values: readonly number[]): number[] {
  return values.map((value) => values.reduce((sum, other) => sum + Math.sign(value - other), 0));
}
