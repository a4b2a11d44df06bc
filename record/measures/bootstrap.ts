/** @file How sure a rank correlation is: the percentile bootstrap over them. */

import { kendallTau, type SortedPairs } from "./kendall.ts";
import { seededRandom } from "./random.ts";

/** The 2.5 % points of 1000 resamples stand on 25 of them each. */
export const RESAMPLES = 1000;
/**
 * Entries of one resample at most. With more entries this is the m-out-of-n bootstrap: 1000 resamples of all of
 * 10,000 would cost seconds, and the interval would be too narrow to matter.
 */
export const LARGEST_RESAMPLE = 500;
const FEWEST_ENTRIES = 5;
/** Resamples between two pauses: some milliseconds. */
const PAUSE = 20;
const SEED = 20_180_807;

/** 95 %. */
export interface TauInterval {
  low: number;
  high: number;
}

/**
 * Entries are drawn with replacement, from the same seed always: whoever has the entries gets the same interval.
 *
 * Resamples of m < n entries spread sqrt(n/m) times as wide as those of n, so their distances from `tau` are
 * shrunk by that (Bickel, Götze and van Zwet, Statistica Sinica 7, 1997).
 *
 * @param tau of all of them.
 * @param pause called now and then, as all of it can take a third of a second: a server answers others meanwhile.
 * @returns null with fewer than five entries, or when most resamples have no tau.
 */
export async function tauInterval(
  { x, y }: SortedPairs,
  tau: number,
  pause: () => Promise<void>,
): Promise<TauInterval | null> {
  const n = x.length;
  if (n < FEWEST_ENTRIES) return null;
  const m = Math.min(n, LARGEST_RESAMPLE);
  const random = seededRandom(SEED);
  const taus: (number | null)[] = [];
  while (taus.length < RESAMPLES) {
    // places in sorted order give sorted pairs, without a comparator
    const places = new Uint32Array(m).map(() => random() * n).sort();
    const drawn = (column: Float64Array) => Float64Array.from(places, (place) => column[place]!);
    taus.push(kendallTau({ x: drawn(x), y: drawn(y) }));
    if (taus.length % PAUSE === 0) await pause();
  }
  const sorted = taus.filter((value) => value !== null).sort((a, b) => a - b);
  if (sorted.length < RESAMPLES / 2) return null;
  const shrunk = (value: number) => tau + (value - tau) * Math.sqrt(m / n);
  return { low: shrunk(percentile(sorted, 0.025)), high: shrunk(percentile(sorted, 0.975)) };
}

/** Linear between the two nearest values (NumPy's default; type 7 of Hyndman and Fan 1996). */
export function percentile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}
