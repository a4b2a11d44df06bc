/** @file Kendall's tau of a measure and the gap: plain, given what else may carry it, and how sure it is. */

/** tau-b of two columns of equal length, in any order; null as for `kendallTau`. */
export function tauOf(x: readonly number[], y: readonly number[]): number | null {
  return kendallTau(sortPairs(Float64Array.from(x), Float64Array.from(y)));
}

/** Two columns of equal length, sorted by x and, where that is equal, by y. */
interface SortedPairs {
  x: Float64Array;
  y: Float64Array;
}

function sortPairs(x: Float64Array, y: Float64Array): SortedPairs {
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
function kendallTau({ x, y }: SortedPairs): number | null {
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

export function pairCount(count: number): number {
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

/** Merges [start, middle) with as many after it; each right value taken passes what is left on the left. */
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

/** Fewer configurations than this have no partial tau: two controls leave too little of them. */
const FEWEST_CONTROLLED = 8;

interface Controlled {
  measure: number;
  gap: number;
  /** Its order is that of its logarithm, so the logarithm need not be taken. */
  width: number;
  trainLoss: number;
}

/**
 * Kendall's partial tau-b of measure and gap given width and train loss.
 *
 * tau(xy.z) = (tau(xy) - tau(xz) tau(yz)) / sqrt((1 - tau(xz)^2) (1 - tau(yz)^2)) (Kendall, Biometrika 32, 1942), and
 * the second control by the same formula on tau(.. .z), as for other partial correlations (Kim, Communications for
 * Statistical Applications and Methods 22, 2015): tau-b is the correlation of the signs of all pairs. It takes out what
 * is linear in the controls' signs, and nothing else of them.
 *
 * @returns null when one of the four does not vary, one is another's order, or with fewer than eight configurations.
 */
export async function partialTau(
  rows: readonly Controlled[],
  pause: () => Promise<void>,
): Promise<number | null> {
  if (rows.length < FEWEST_CONTROLLED) return null;
  const tau = async (a: keyof Controlled, b: keyof Controlled) => {
    await pause();
    return tauOf(
      rows.map((row) => row[a]),
      rows.map((row) => row[b]),
    );
  };
  const ofWidth = {
    measure: await tau("measure", "width"),
    gap: await tau("gap", "width"),
    trainLoss: await tau("trainLoss", "width"),
  };
  const givenWidth = async (a: keyof typeof ofWidth, b: keyof typeof ofWidth) =>
    partialGiven(await tau(a, b), ofWidth[a], ofWidth[b]);
  return partialGiven(
    await givenWidth("measure", "gap"),
    await givenWidth("measure", "trainLoss"),
    await givenWidth("gap", "trainLoss"),
  );
}

/** The partial correlation of two, from theirs and from that of each with a third. */
export function partialGiven(
  both: number | null,
  first: number | null,
  second: number | null,
): number | null {
  if (both === null || first === null || second === null) return null;
  const rest = (1 - first ** 2) * (1 - second ** 2);
  if (rest < 1e-12) return null; // rounding is all that is left
  return Math.max(-1, Math.min(1, (both - first * second) / Math.sqrt(rest)));
}

/** The 2.5 % points of 1000 resamples stand on 25 of them each. */
const RESAMPLES = 1000;

/** Few clusters make a bootstrap's interval too narrow; below eight there is none. */
const FEWEST_ARCHITECTURES = 8;

/** More architectures than this are not drawn into one resample: the m-out-of-n bootstrap. */
const LARGEST_RESAMPLE = 100;

/** Of more configurations this many, evenly spread over the architectures, stand for all in the resamples. */
const MOST_RESAMPLED = 1000;

/** Resamples, or rows of the table, between two pauses: some milliseconds. */
const PAUSE = 20;

const SEED = 20_180_807;

/** 95 %. */
interface TauInterval {
  low: number;
  high: number;
}

/** What a configuration gives to the interval. */
interface Point {
  arch: string;
  measure: number;
  gap: number;
}

/**
 * Whole architectures are drawn with replacement, as configurations of one are no independent evidence (a percentile
 * bootstrap of clusters); from the same seed always: whoever has the entries gets the same interval.
 *
 * Resamples of m < n architectures spread sqrt(n/m) times as wide as those of n, so their distances from tau are shrunk
 * by that (Bickel, Götze and van Zwet, Statistica Sinica 7, 1997).
 *
 * @param tau of all of them.
 * @param pause called now and then, as all of it can take a tenth of a second: a server answers others meanwhile.
 * @returns null with fewer than eight architectures, or when most resamples have no tau.
 */
export async function tauInterval(
  points: readonly Point[],
  tau: number,
  pause: () => Promise<void>,
): Promise<TauInterval | null> {
  const all = new Set(points.map(({ arch }) => arch)).size;
  if (all < FEWEST_ARCHITECTURES) return null;
  const byArchitecture = points.toSorted((a, b) =>
    a.arch < b.arch ? -1 : a.arch > b.arch ? 1 : 0,
  );
  const table = await pairTable(evenly(byArchitecture, MOST_RESAMPLED), pause);
  const center = resampledTau(table, new Uint16Array(table.count).fill(1));
  const m = Math.min(table.count, LARGEST_RESAMPLE);
  const random = seededRandom(SEED);
  const taus: (number | null)[] = [];
  while (taus.length < RESAMPLES) {
    const times = new Uint16Array(table.count);
    for (let i = 0; i < m; i++) times[Math.floor(random() * table.count)]! += 1;
    taus.push(resampledTau(table, times));
    if (taus.length % PAUSE === 0) await pause();
  }
  const sorted = taus.filter((value) => value !== null).sort((a, b) => a - b);
  if (center === null || sorted.length < RESAMPLES / 2) return null;
  const shrunk = (value: number) =>
    Math.max(-1, Math.min(1, tau + (value - center) * Math.sqrt(m / all)));
  return { low: shrunk(percentile(sorted, 0.025)), high: shrunk(percentile(sorted, 0.975)) };
}

/** Three sums over the pairs of configurations of two architectures g <= h, from place 3 (g count + h) on. */
interface PairTable {
  /** Architectures. */
  count: number;
  /** Concordant minus discordant pairs; pairs not tied in the measure; pairs not tied in the gap. */
  sums: Int32Array;
}

/** @param points sorted by architecture. */
async function pairTable(points: readonly Point[], pause: () => Promise<void>): Promise<PairTable> {
  const names = new Map<string, number>();
  for (const { arch } of points) if (!names.has(arch)) names.set(arch, names.size);
  const count = names.size;
  const sums = new Int32Array(3 * count * count);
  const places = Int32Array.from(points, ({ arch }) => names.get(arch)!);
  const x = Float64Array.from(points, ({ measure }) => measure);
  const y = Float64Array.from(points, ({ gap }) => gap);
  for (let i = 0; i < places.length; i++) {
    for (let j = i + 1; j < places.length; j++) {
      const at = 3 * (places[i]! * count + places[j]!);
      const ofX = Math.sign(x[i]! - x[j]!);
      const ofY = Math.sign(y[i]! - y[j]!);
      sums[at]! += ofX * ofY;
      sums[at + 1]! += ofX * ofX;
      sums[at + 2]! += ofY * ofY;
    }
    if (i % PAUSE === 0) await pause();
  }
  return { count, sums };
}

/** tau-b where each architecture stands this many times: copies of a configuration are tied, so they add no pair. */
function resampledTau({ count, sums }: PairTable, times: Uint16Array): number | null {
  const drawn = times.map((_, g) => g).filter((g) => times[g]! > 0);
  let order = 0;
  let ofMeasure = 0;
  let ofGap = 0;
  for (let a = 0; a < drawn.length; a++)
    for (let b = a; b < drawn.length; b++) {
      const at = 3 * (drawn[a]! * count + drawn[b]!);
      const weight = times[drawn[a]!]! * times[drawn[b]!]!;
      order += weight * sums[at]!;
      ofMeasure += weight * sums[at + 1]!;
      ofGap += weight * sums[at + 2]!;
    }
  const scale = Math.sqrt(ofMeasure * ofGap);
  return scale === 0 ? null : order / scale;
}

/** At most this many, evenly spread over the list, first and last among them. */
export function evenly<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  const step = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => items[Math.round(i * step)]!);
}

/** Linear between the two nearest values (NumPy's default; type 7 of Hyndman and Fan 1996). */
export function percentile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}

/** mulberry32: uniform in [0, 1), 32 bits of state. Good enough to draw samples; not for secrets. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
