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
  // twice the mid-rank minus its mean is a whole number
  let sums = new Map([[0, 1]]);
  let observed = 0;
  for (const { told, redraws } of runs) {
    const all = [told, ...redraws];
    const ranks = doubledRanks(all);
    observed += ranks[0]!;
    const next = new Map<number, number>();
    for (const [sum, probability] of sums)
      for (const rank of ranks)
        next.set(sum + rank, (next.get(sum + rank) ?? 0) + probability / all.length);
    sums = next;
  }
  let p = 0;
  for (const [sum, probability] of sums) if (Math.abs(sum) >= Math.abs(observed)) p += probability;
  return Math.min(1, p);
}

/** For each value, the number of lower ones minus that of higher ones: twice (mid-rank - mean rank). */
function doubledRanks(values: readonly number[]): number[] {
  return values.map((value) => values.reduce((sum, other) => sum + Math.sign(value - other), 0));
}
