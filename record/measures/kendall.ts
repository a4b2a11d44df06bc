/** @file Kendall's tau-b: do two measures put entries in the same order? */

/** Two columns of equal length, sorted by x and, where that is equal, by y. */
export interface SortedPairs {
  x: Float64Array;
  y: Float64Array;
}

export function sortPairs(x: Float64Array, y: Float64Array): SortedPairs {
  if (x.length !== y.length) throw new RangeError(`${x.length} values against ${y.length}`);
  const order = Float64Array.from(x.keys()).sort((a, b) => x[a]! - x[b]! || y[a]! - y[b]!);
  return { x: order.map((i) => x[i]!), y: order.map((i) => y[i]!) };
}

/**
 * tau-b = (C - D) / sqrt((N - T) (N - U)) over the N pairs: C concordant, D discordant, T tied in x, U tied in y
 * (Kendall 1945). In n log n by Knight's merge sort (J. Am. Stat. Assoc. 61, 1966).
 *
 * @returns in [-1, 1]; null when all x or all y are equal, or with fewer than two values.
 */
export function kendallTau({ x, y }: SortedPairs): number | null {
  const pairs = pairCount(x.length);
  const tiedX = tiedPairs(x.length, (i) => x[i] === x[i - 1]);
  const tiedBoth = tiedPairs(x.length, (i) => x[i] === x[i - 1] && y[i] === y[i - 1]);
  const { sorted, swaps } = sortCountingSwaps(y);
  const tiedY = tiedPairs(sorted.length, (i) => sorted[i] === sorted[i - 1]);
  const scale = Math.sqrt((pairs - tiedX) * (pairs - tiedY));
  if (scale === 0) return null;
  const tau = (pairs - tiedX - tiedY + tiedBoth - 2 * swaps) / scale;
  return Math.max(-1, Math.min(1, tau));
}

function pairCount(count: number): number {
  return (count * (count - 1)) / 2;
}

/** Pairs within runs of equal places; `isTied(i)`: is place i equal to place i - 1? */
function tiedPairs(count: number, isTied: (i: number) => boolean): number {
  let [pairs, length] = [0, 1];
  for (let i = 1; i < count; i++) {
    length = isTied(i) ? length + 1 : 1;
    pairs += length - 1;
  }
  return pairs;
}

/** Bottom up, with the number of pairs that stood the wrong way round. */
function sortCountingSwaps(values: Float64Array): { sorted: Float64Array; swaps: number } {
  const { length } = values;
  let [from, to, swaps] = [values.slice(), new Float64Array(length), 0];
  for (let width = 1; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width)
      swaps += merge(from, to, start, start + width);
    [from, to] = [to, from];
  }
  return { sorted: from, swaps };
}

/** Merges [start, middle) with as many behind it; each right value taken passes what is left on the left. */
function merge(from: Float64Array, to: Float64Array, start: number, middle: number): number {
  const [leftEnd, end] = [middle, 2 * middle - start].map((at) => Math.min(at, from.length));
  let [left, right, swaps] = [start, leftEnd!, 0];
  for (let at = start; at < end!; at++) {
    if (right >= end! || (left < leftEnd! && from[left]! <= from[right]!)) to[at] = from[left++]!;
    else {
      to[at] = from[right++]!;
      swaps += leftEnd! - left;
    }
  }
  return swaps;
}
