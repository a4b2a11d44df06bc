/**
 * @file The null: what ridge regression gives on random labels of a cloud of points without structure (method.md
 * section 4), and the width of the cloud that gives as much as some features do.
 *
 * C is the centred ridge hat matrix, c_k the number of samples with label k, and
 * score_k(i) = c_k/m + the sum of C_ij over the j with label k. The entries C_ij, j != i, are taken as Gaussian with
 * mean mu = -C_ii/(m-1) and variance v = ((C^2)_ii - C_ii^2)/(m-1) - mu^2. So the score of the right label r is
 * N(c_r/m + C_ii + (c_r - 1) mu, (c_r - 1) v), and that of another label k is N(c_k/m + c_k mu, c_k v).
 */

import { logGamma, normalTail } from "./special-functions.ts";

/** Samples whose rows of the hat matrix are taken to look alike. */
export interface Leverage {
  /** Share of the samples, in (0, 1]. */
  share: number;
  /** C_ii, the pull of a sample's own label on its fit, in [0, 1). */
  own: number;
  /** (C^2)_ii, in [own^2, own]. */
  square: number;
}

/** A shapeless cloud of width D: C is a projection of rank D whose diagonal is constant. */
export function cloudOfWidth(width: number, samples: number): Leverage[] {
  return [{ share: 1, own: width / samples, square: width / samples }];
}

/**
 * A cloud with these eigenvalues: C_ii = d1/m and (C^2)_ii = d2/m, where d1 = sum e/(e+l) and d2 = sum (e/(e+l))^2.
 *
 * @param eigenvalues of Z'Z/m; a negative one is rounding, and counts as 0. @param penalty l.
 */
export function cloudOfSpectrum(
  eigenvalues: Float64Array,
  penalty: number,
  samples: number,
): Leverage[] {
  let [own, square] = [0, 0];
  for (const e of eigenvalues) {
    const kept = Math.max(e, 0) / (Math.max(e, 0) + penalty);
    own += kept;
    square += kept * kept;
  }
  return [{ share: 1, own: own / samples, square: square / samples }];
}

/**
 * Expected training accuracy of a ridge refit on `labels` random labels.
 *
 * The sum over r of (c_r/m) P_r: one quadrature for each distinct count c_r, by the trapezoidal rule on a grid that all of
 * them share. Every other label has a Binomial(m, 1/n) count of its own, over which its chance to lose is averaged.
 *
 * @param samples m, >= 2. @param labels n, >= 2. @param cloud with shares that add up to 1.
 * @returns a share in [0, 1].
 * @example nullAccuracy(2500, 100, cloudOfWidth(256, 2500)) // 0.7699...
 */
export function nullAccuracy(samples: number, labels: number, cloud: readonly Leverage[]): number {
  const counts = labelCounts(samples, labels);
  return cloud.reduce(
    (sum, leverage) => sum + leverage.share * accuracyAt(samples, labels, counts, leverage),
    0,
  );
}

/** Counts met with a smaller probability are left out. */
const NEGLIGIBLE = 1e-12;

interface Count {
  count: number;
  probability: number;
}

/**
 * Binomial(m, 1/n): how many samples share a label. Where the counts are many, neighbours are taken together at
 * their mean, some two hundred in all: scores change by little within a twelfth of a standard deviation.
 */
function labelCounts(samples: number, labels: number): Count[] {
  const spread = Math.sqrt((samples / labels) * (1 - 1 / labels));
  const together = Math.max(1, Math.floor(spread / 12));
  const [p, q] = [Math.log(1 / labels), Math.log1p(-1 / labels)];
  const all = logGamma(samples + 1);
  const probability = (c: number) =>
    Math.exp(all - logGamma(c + 1) - logGamma(samples - c + 1) + c * p + (samples - c) * q);
  const reach = Math.ceil(8 * spread) + 8;
  const counts: Count[] = [];
  const first = Math.max(0, Math.floor(samples / labels) - reach);
  const last = Math.min(samples, Math.ceil(samples / labels) + reach);
  for (let from = first; from <= last; from += together) {
    let [weight, sum] = [0, 0];
    for (let c = from; c < from + together && c <= last; c++) {
      weight += probability(c);
      sum += c * probability(c);
    }
    if (weight > NEGLIGIBLE) counts.push({ count: sum / weight, probability: weight });
  }
  return counts;
}

/** Nodes of a quadrature per standard deviation, and how many standard deviations it reaches. */
const DENSITY = 4;
const REACH = 7;

/** Of scores, in squared samples. */
const NO_VARIANCE = 1e-20;

function accuracyAt(
  m: number,
  labels: number,
  counts: readonly Count[],
  { own, square }: Leverage,
): number {
  if (!Number.isFinite(own) || !Number.isFinite(square))
    throw new RangeError(`leverages of ${own} and ${square}`);
  const mu = -own / (m - 1);
  const found = (square - own * own) / (m - 1) - mu * mu;
  // scores differ by whole samples, 1/m: what is far below that is rounding
  const v = found * m * m > NO_VARIANCE ? found : 0;
  const others = counts.map(({ count, probability }) => ({
    probability,
    mean: count / m + count * mu,
    deviation: Math.sqrt(count * v),
  }));
  /** ln of the probability that the right label wins with score u; of equal scores the lowest label does. */
  const logWins = (u: number) => {
    let [higher, equal] = [0, 0];
    for (const { probability, mean, deviation } of others) {
      if (deviation > 0) higher += probability * tailOf((u - mean) / deviation);
      else if (u < mean) higher += probability;
      else if (u === mean) equal += probability;
    }
    const notHigher = Math.max(0, 1 - higher);
    if (equal === 0) return (labels - 1) * Math.log1p(-Math.min(1, higher));
    // one over the number of labels that share the score, averaged over it
    const lower = Math.max(0, notHigher - equal);
    return Math.log((notHigher ** labels - lower ** labels) / (labels * equal));
  };
  const narrowest = counts.find(({ count, probability }) => count >= 1.5 && probability > 1e-6);
  const step = Math.sqrt(v * ((narrowest?.count ?? 2) - 1)) / DENSITY;
  const grid = new Map<number, number>();
  const atNode = (i: number) => {
    let value = grid.get(i);
    if (value === undefined) grid.set(i, (value = logWins(i * step)));
    return value;
  };
  let sum = 0;
  for (const { count, probability } of counts) {
    if (count === 0) continue;
    const mean = count / m + own + (count - 1) * mu;
    const deviation = Math.sqrt((count - 1) * v);
    const wins = deviation > 0 ? integral(mean, deviation, step, atNode) : Math.exp(logWins(mean));
    sum += ((labels * probability * count) / m) * wins;
  }
  return Math.min(1, sum);
}

/** Of the density N(mean, deviation^2) times exp(log), over the nodes u = i step. */
function integral(
  mean: number,
  deviation: number,
  step: number,
  log: (node: number) => number,
): number {
  const first = Math.ceil((mean - REACH * deviation) / step);
  const last = Math.floor((mean + REACH * deviation) / step);
  // a wide density needs no more nodes than a narrow one
  const stride = Math.max(1, Math.floor(deviation / (step * DENSITY)));
  let sum = 0;
  for (let i = Math.ceil(first / stride) * stride; i <= last; i += stride)
    sum += Math.exp(-0.5 * ((i * step - mean) / deviation) ** 2 + log(i));
  return (sum * stride * step) / (deviation * Math.sqrt(2 * Math.PI));
}

const NODES = 256;
const LARGEST = 9;

/** P(Z > u) at u = i / NODES and its slope times 1 / NODES; made once, because they are costly. */
const tails = new Float64Array(LARGEST * NODES + 1);
const slopes = new Float64Array(LARGEST * NODES + 1);

/** P(Z > u) to 1e-12, by cubic Hermite interpolation: the slope at a node is the density. */
function tailOf(u: number): number {
  if (u < 0) return 1 - tailOf(-u);
  if (u >= LARGEST) return 0;
  if (tails[0] === 0) makeTails();
  const i = Math.floor(u * NODES);
  const x = u * NODES - i;
  const [left, here, next] = [tails[i]!, slopes[i]!, slopes[i + 1]!];
  const change = tails[i + 1]! - left;
  return left + x * (here + x * (3 * change - 2 * here - next + x * (here + next - 2 * change)));
}

function makeTails(): void {
  for (const i of tails.keys()) {
    const u = i / NODES;
    tails[i] = normalTail(u);
    slopes[i] = -Math.exp(-0.5 * u * u) / Math.sqrt(2 * Math.PI) / NODES;
  }
}

/** The D in (0, m - 1) of a shapeless cloud; comparable at one (n, m) only. */
export interface EquivalentWidth {
  width: number;
  /** Null unless no cloud gives the accuracy: then the width is 0, or that of accuracy 1 - 1/m, and a bound. */
  bound: "at most" | "at least" | null;
}

/** Relative error of a width. */
const WIDTH_ERROR = 1e-7;

/** ln D of a cloud that is no width at all: its accuracy is that of D -> 0 to rounding. */
const NARROWEST = Math.log(1e-6);

/**
 * The width of the shapeless cloud that gives the same accuracy.
 *
 * Bisection, hastened by secants (the Illinois method), of the logit of the accuracy, which is nearly straight in ln D.
 *
 * @param accuracy of ridge refits on random labels, not normalized.
 * @example equivalentWidth(2500, 100, 0.77).width // 256.07...
 */
export function equivalentWidth(
  samples: number,
  labels: number,
  accuracy: number,
): EquivalentWidth {
  const key = `${samples} ${labels} ${accuracy}`;
  const known = widths.get(key);
  if (known) return known;
  if (widths.size >= MOST_WIDTHS) widths.clear();
  const found = widthOf(samples, labels, accuracy);
  widths.set(key, found);
  return found;
}

/** A millisecond or two each, and asked for several times while a result is accepted. */
const widths = new Map<string, EquivalentWidth>();
const MOST_WIDTHS = 10_000;

function widthOf(samples: number, labels: number, accuracy: number): EquivalentWidth {
  const largest = 1 - 1 / samples;
  const sought = logit(Math.min(accuracy, largest));
  const curve = curveOf(samples, labels);
  const bracket = curve.at(0) < sought ? bracketAmong(curve, sought) : bracketBelow(curve, sought);
  if (bracket === null) return { width: 0, bound: "at most" };
  const root = rootIn(bracket, (logWidth) => curve.logitAt(logWidth) - sought);
  return { width: Math.exp(root), bound: accuracy > largest ? "at least" : null };
}

/** The logit of a cloud's accuracy over ln D, with knots from D = 1 to m - 1. */
interface Curve {
  logitAt: (logWidth: number) => number;
  /** Distance of two knots. */
  step: number;
  /** At a knot, from 0 to `KNOTS`. */
  at: (knot: number) => number;
}

const KNOTS = 64;

/** Of each m and n, whose knots all accuracies share: most of a search is looked up. Protocols have few. */
const curves = new Map<string, Curve>();
const MOST_CURVES = 100;

function curveOf(samples: number, labels: number): Curve {
  const key = `${samples} ${labels}`;
  const known = curves.get(key);
  if (known) return known;
  if (curves.size >= MOST_CURVES) curves.clear();
  const logitAt = (logWidth: number) =>
    logit(nullAccuracy(samples, labels, cloudOfWidth(Math.exp(logWidth), samples)));
  const step = Math.log(samples - 1) / KNOTS;
  const logits = new Map<number, number>();
  const at = (knot: number) => {
    let value = logits.get(knot);
    if (value === undefined) logits.set(knot, (value = logitAt(knot * step)));
    return value;
  };
  const curve = { logitAt, step, at };
  curves.set(key, curve);
  return curve;
}

/** Where the root lies, in ln D; below and above are how far off the ends are. */
interface Bracket {
  low: number;
  below: number;
  high: number;
  above: number;
  /** Probably nearer to the root than a secant would be. */
  guess: number | null;
}

/** Between two knots; at the last, D = m - 1, a cloud fits everything. */
function bracketAmong({ step, at }: Curve, sought: number): Bracket {
  let [low, high] = [0, KNOTS];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at(middle) < sought) low = middle;
    else high = middle;
  }
  const guess = low > 0 && high < KNOTS ? low - 1 + inverseAt(at, low - 1, sought) : null;
  return {
    low: low * step,
    below: at(low) - sought,
    high: high * step,
    above: at(high) - sought,
    guess: guess === null ? null : guess * step,
  };
}

/** The cubic through four knots' logits and their places 0, 1, 2, 3, at the logit sought (Lagrange). */
function inverseAt(at: Curve["at"], first: number, sought: number): number {
  const logits = [0, 1, 2, 3].map((i) => at(first + i));
  return logits.reduce((sum, own, place) => {
    const factors = logits.map((other, i) => (i === place ? 1 : (sought - other) / (own - other)));
    return sum + factors.reduce((product, factor) => product * factor, place);
  }, 0);
}

/** Below D = 1; null where even the narrowest cloud gives more. */
function bracketBelow({ logitAt, at }: Curve, sought: number): Bracket | null {
  let [low, high] = [0, 0];
  let below = at(0) - sought;
  let above = below;
  while (below >= 0 && low > NARROWEST) {
    [high, above] = [low, below];
    low = Math.max(NARROWEST, low - 2);
    below = logitAt(low) - sought;
  }
  return below >= 0 ? null : { low, below, high, above, guess: null };
}

/** Bisection, hastened by secants. */
function rootIn(bracket: Bracket, off: (logWidth: number) => number): number {
  let { low, below, high, above, guess } = bracket;
  let side = 0;
  for (let i = 0; high - low > WIDTH_ERROR && i < 200; i++) {
    const next: number = guess ?? low - (below * (high - low)) / (above - below);
    const middle = i % 8 === 7 || !(next > low && next < high) ? (low + high) / 2 : next;
    guess = null;
    const found = off(middle);
    if (Math.abs(found) < WIDTH_ERROR / 10) return middle;
    if (found < 0) {
      [low, below] = [middle, found];
      if (side < 0) above /= 2; // this end moved twice: draw the secant nearer to the other
      side = -1;
    } else {
      [high, above] = [middle, found];
      if (side > 0) below /= 2;
      side = 1;
    }
  }
  return (low + high) / 2;
}

/** Finite for accuracies that rounding makes 0 or 1. */
function logit(share: number): number {
  return Math.log((share + 1e-15) / (1 - share + 1e-15));
}
