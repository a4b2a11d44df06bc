/**
 * @file Fits random labels to frozen features by ridge regression, in float64: one factorisation, then any number of
 * labellings as right-hand sides.
 *
 * Features are read a chunk of rows at a time, and several times: for the mean, the moments and the leverages, and twice
 * for each block of labellings. Memory holds one chunk of them, three D x D matrices, the labels of one block, and a few
 * copies of its weights.
 */

import { Program, type Scope, type Session, type Variable } from "../engine/program.ts";
import { recordProgram } from "../engine/recorded-session.ts";
import * as f64 from "./float64.ts";
import { pairs } from "./float64.ts";
import { type Tensor, tf } from "../engine/tensorflow.ts";

/** One labelling of the m samples, labels in [0, n). */
export interface LabelSet {
  n: number;
  labels: Int32Array;
}

/** Labels in [0, n), [m], made when they are needed. */
export type Labelling = () => Int32Array;

/** Diagonals of the centred ridge hat matrix C = Z(Z'Z + m l I)^-1 Z' and of its square, [m] each. */
export interface Diagonals {
  own: Float64Array;
  square: Float64Array;
}

/** How the arithmetic is carried out; nothing here changes what is computed. */
export interface RidgeEngine {
  /** Default: `recordProgram`. */
  open?: (program: Program) => Session;
  /** Most features, or scores, in a chunk; default 2^23, 64 MiB in float64. */
  chunkValues?: number;
  /** Most weights in a block of labellings, unless one alone has more; default 2^23. */
  blockValues?: number;
}

/** More columns than this leave a chunk of scores few rows, over which the weights are read again. */
const MOST_COLUMNS = 2 ** 14;
/** More labels than this, of all labellings of a block, take more than 128 MiB. */
const MOST_LABELS = 2 ** 25;

/**
 * A recorded ridge regression of one representation at a time; widths, sample counts and label spaces may change.
 *
 * @example
 * const ridge = new Ridge(0.001);
 * ridge.factorise(inMemory(features, m));
 * const [correct] = ridge.correct(10, [() => labels]);
 * const accuracy = correct! / m;
 */
export class Ridge {
  readonly #ridge: RidgeProgram;
  readonly #session: Session;
  readonly #chunkValues: number;
  readonly #blockValues: number;
  #features: FeatureSource | null = null;
  #centre = { origin: new Float64Array(0), mean: new Float64Array(0), q: 0 };

  constructor(penalty: number, how: RidgeEngine = {}) {
    this.#ridge = ridgeProgram(penalty);
    this.#session = (how.open ?? recordProgram)(this.#ridge.program);
    this.#chunkValues = how.chunkValues ?? 2 ** 23;
    this.#blockValues = how.blockValues ?? 2 ** 23;
  }

  /** Takes the features that everything else is about. Reads them twice. @throws Error when one is not finite. */
  factorise(features: FeatureSource): void {
    const { origin, samples, sum } = this.#ridge;
    this.#session.writeAll([
      [origin, features.rows(0, 1), [features.width]],
      [samples, Int32Array.of(features.samples)],
    ]);
    this.#features = features;
    const first = Float64Array.from(features.rows(0, 1), flushed);
    this.#session.run("begin");
    this.#eachChunk(features, features.width, () => this.#session.run("addToMean"));
    this.#eachChunk(features, features.width, () => this.#session.run("addToMoments"));
    const q = this.#session.run("scale")["q"]![0]!;
    if (!Number.isFinite(q)) throw new Error("a feature is not finite");
    const sums = f64.fromStored(this.#session.read([sum])[0]!);
    this.#centre = { origin: first, mean: sums.map((value) => value / features.samples), q };
    this.#session.run("factorise");
  }

  /** Of Z'Z/m, D numbers, ascending. */
  eigenvalues(): Float64Array {
    return this.#session.run("spectrum")["eigenvalues"] as Float64Array;
  }

  /** Reads the features once. All are 0 when no feature varies. */
  diagonals(): Diagonals {
    const features = this.#known();
    const own = new Float64Array(features.samples);
    const square = new Float64Array(features.samples);
    this.#session.run("invert");
    this.#eachChunk(features, features.width, (first) => {
      const outputs = this.#session.run("diagonals");
      own.set(outputs["own"]!, first);
      square.set(outputs["square"]!, first);
    });
    return { own, square };
  }

  /**
   * For each labelling, the number of samples whose label its fit predicts; among equal scores the lowest label counts.
   * Reads the features twice for each block.
   */
  correct(n: number, labellings: readonly Labelling[]): number[] {
    const features = this.#known();
    const size = this.#blockSize(n, features);
    const correct: number[] = [];
    for (let first = 0; first < labellings.length; first += size) {
      const block = labellings.slice(first, first + size).map((labelling) => labelling());
      this.#solve(n, block);
      correct.push(...this.#score(features, n, block));
    }
    return correct;
  }

  /** Fits one labelling and scores it on other samples, too; a negative label among theirs is never predicted. */
  correctBeyond({ n, labels }: LabelSet, others: { features: FeatureSource; labels: Int32Array }) {
    this.#solve(n, [labels]);
    return {
      own: this.#score(this.#known(), n, [labels])[0]!,
      others: this.#score(others.features, n, [others.labels])[0]!,
    };
  }

  /** How often `correct` reads these features. */
  passes(n: number, labellings: number, features: Size): number {
    return 2 * Math.ceil(labellings / this.#blockSize(n, features));
  }

  /** About what the whole process takes at its peak; fitted to what processes took (docs/probe.md, "Cost"). */
  bytes(n: number, labellings: number, features: Size): number {
    const { samples, width } = features;
    const block = Math.min(labellings, this.#blockSize(n, features));
    const most = Math.max(Math.min(samples * width, this.#chunkValues), block * n * width);
    return 550 * 2 ** 20 + 40 * width ** 2 + 36 * most + (100 + 4 * block) * samples;
  }

  close(): void {
    this.#session.close();
  }

  #known(): FeatureSource {
    if (!this.#features) throw new Error("no features have been factorised");
    return this.#features;
  }

  #blockSize(n: number, { samples, width }: Size): number {
    const ofWeights = this.#blockValues / (n * width);
    const most = Math.min(ofWeights, MOST_COLUMNS / n, MOST_LABELS / samples);
    return Math.max(1, Math.floor(most));
  }

  /** Leaves the weights of a block in the session. */
  #solve(n: number, block: readonly Int32Array[]): void {
    const { sums, shares } = this.#ridge;
    const { width } = this.#known();
    this.#session.writeAll([
      [sums, pairs(this.#sumsByLabel(n, block)), [n * block.length, width, 2]],
      [shares, pairs(sharesOf(n, block)), [block.length, n, 2]],
    ]);
    this.#session.run("solve");
  }

  /**
   * Sums of centred rows by labelling and label, over q: [B n, D]. In the order of the rows, whatever their chunks are.
   * A loop, because TensorFlow's operations for it take several times as long.
   */
  #sumsByLabel(n: number, block: readonly Int32Array[]): Float64Array {
    const features = this.#known();
    const { width } = features;
    const { origin, mean, q } = this.#centre;
    const sums = new Float64Array(block.length * n * width);
    if (q === 0) return sums;
    const row = new Float64Array(width);
    for (const [first, count] of chunks(features.samples, width, this.#chunkValues)) {
      const values = features.rows(first, count);
      for (let i = 0; i < count; i++) {
        for (let d = 0; d < width; d++)
          row[d] = (flushed(values[i * width + d]!) - origin[d]! - mean[d]!) / q;
        for (let b = 0; b < block.length; b++) {
          const at = (b * n + block[b]![first + i]!) * width;
          for (let d = 0; d < width; d++) sums[at + d]! += row[d]!;
        }
      }
    }
    return sums;
  }

  #score(features: FeatureSource, n: number, block: readonly Int32Array[]): number[] {
    const correct = block.map(() => 0);
    this.#eachChunk(features, Math.max(features.width, block.length * n), (first, count) => {
      const labels = sideBySide(block, first, count);
      this.#session.write(this.#ridge.labels, labels, [count, block.length]);
      const counts = this.#session.run("correct")["correct"]!;
      for (const b of correct.keys()) correct[b]! += counts[b]!;
    });
    return correct;
  }

  /** Calls `use` with each chunk's rows in the session. @param widest values of a row. */
  #eachChunk(
    features: FeatureSource,
    widest: number,
    use: (first: number, count: number) => void,
  ): void {
    for (const [first, count] of chunks(features.samples, widest, this.#chunkValues)) {
      const values = features.rows(first, count);
      this.#session.write(this.#ridge.rows, values, [count, features.width]);
      use(first, count);
    }
  }
}

/** TensorFlow's arithmetic treats smaller float32 numbers as zero. */
const flushed = (x: number) => (Math.abs(x) < 2 ** -126 ? 0 : x);

/** Share of each label among the samples: [B, n]. */
function sharesOf(n: number, block: readonly Int32Array[]): Float64Array {
  const shares = new Float64Array(block.length * n);
  for (const [b, labels] of block.entries())
    for (const label of labels) shares[b * n + label]! += 1 / labels.length;
  return shares;
}

/** Labels of some samples: [count, B]. */
function sideBySide(block: readonly Int32Array[], first: number, count: number): Int32Array {
  const size = block.length;
  const labels = new Int32Array(count * size);
  for (const [b, all] of block.entries())
    for (let i = 0; i < count; i++) labels[i * size + b] = all[first + i]!;
  return labels;
}

interface RidgeProgram {
  program: Program;
  /** float32 [rows, D]: the chunk. */
  rows: Variable;
  /** float32 [D]: any row. Sums are taken around it, so that a constant feature is exactly zero once centred. */
  origin: Variable;
  /** int32 []: m. */
  samples: Variable;
  /** float64 [D]: sum of x - origin. */
  sum: Variable;
  /** float64 [D, D]: sum of c'c. */
  gram: Variable;
  /** float64 [D, D]: lower Cholesky factor of Z'Z/m + l I. */
  factor: Variable;
  /** float64 [D, D]: (Z'Z/m + l I)^-1. */
  inverse: Variable;
  /** int32 [rows, B]: labels of the chunk, for each labelling of the block. */
  labels: Variable;
  /** float64 [B n, D]: sums of centred rows by label, over q. */
  sums: Variable;
  /** float64 [B, n]: share of each label among the samples. */
  shares: Variable;
  /** float64 [D, B n]. */
  weights: Variable;
}

/** @param penalty l. */
function ridgeProgram(penalty: number): RidgeProgram {
  const program = new Program();
  const float64 = (name: string, ...shape: number[]) =>
    program.variable(name, [...shape, 2], "int32");
  const ridge: RidgeProgram = {
    program,
    rows: program.variable("rows", [-1, -1]),
    origin: program.variable("origin", [-1]),
    samples: program.variable("samples", [], "int32"),
    sum: float64("sum", -1),
    gram: float64("gram", -1, -1),
    factor: float64("factor", -1, -1),
    inverse: float64("inverse", -1, -1),
    labels: program.variable("labels", [-1, -1], "int32"),
    sums: float64("sums", -1, -1),
    shares: float64("shares", -1, -1),
    weights: float64("weights", -1, -1),
  };
  const centred = defineMoments(ridge);
  defineFactors(ridge, centred, penalty);
  defineBlock(ridge, centred);
  return ridge;
}

type Centred = (s: Scope) => Tensor;

/** @returns how a body centres the chunk. */
function defineMoments({ program, rows, origin, samples, sum, gram }: RidgeProgram): Centred {
  const shifted = (s: Scope) => f64.sub(f64.toFloat64(s.read(rows)), f64.toFloat64(s.read(origin)));
  const centred = (s: Scope) =>
    f64.sub(shifted(s), f64.div(f64.readFloat64(s, sum), f64.toFloat64(s.read(samples))));

  program.define("begin", {}, (_, s) => {
    const width = f64.length(f64.toFloat64(s.read(origin)));
    s.assign(sum, f64.zeros(width));
    s.assign(gram, f64.zeros(width, width));
    return {};
  });

  program.define("addToMean", {}, (_, s) => {
    f64.addFloat64(s, sum, f64.overRows("Sum", shifted(s)));
    return {};
  });

  program.define("addToMoments", {}, (_, s) => {
    const c = centred(s);
    f64.addFloat64(s, gram, f64.matMul(c, c, true));
    return {};
  });
  return centred;
}

function defineFactors(ridge: RidgeProgram, centred: Centred, penalty: number): void {
  const { program, gram, factor, inverse } = ridge;
  program.define("scale", {}, (_, s) => ({ q: standardised(f64.readFloat64(s, gram)).q }));

  program.define("factorise", {}, (_, s) => {
    const { matrix } = standardised(f64.readFloat64(s, gram));
    const damped = f64.add(f64.diagonal(matrix), f64.constant(penalty));
    f64.assignFloat64(s, factor, f64.cholesky(f64.withDiagonal(matrix, damped)));
    return {};
  });

  program.define("spectrum", {}, (_, s) => ({
    eigenvalues: f64.eigenvalues(standardised(f64.readFloat64(s, gram)).matrix),
  }));

  program.define("invert", {}, (_, s) => {
    const lower = f64.readFloat64(s, factor);
    const none = f64.sub(lower, lower);
    const one = f64.withDiagonal(none, f64.add(f64.diagonal(none), f64.constant(1)));
    f64.assignFloat64(s, inverse, f64.solve(lower, one));
    return {};
  });

  // With A = Z'Z/m + l I and rows c = z sqrt(q/m): C_ii = c'A^-1 c/q, and (C^2)_ii = C_ii - l |A^-1 c|^2/q.
  program.define("diagonals", {}, (_, s) => {
    const c = centred(s);
    const { q } = standardised(f64.readFloat64(s, gram));
    const y = f64.matMul(c, f64.readFloat64(s, inverse));
    const own = f64.divNoNan(f64.overColumns(f64.mul(c, y)), q);
    const lost = f64.mul(f64.constant(penalty), f64.divNoNan(f64.overColumns(f64.mul(y, y)), q));
    return { own, square: f64.sub(own, lost) };
  });
}

function defineBlock(ridge: RidgeProgram, centred: Centred): void {
  const { program, factor, labels, sums, shares, weights } = ridge;
  program.define("solve", {}, (_, s) => {
    const right = f64.transpose(f64.readFloat64(s, sums));
    f64.assignFloat64(s, weights, f64.solve(f64.readFloat64(s, factor), right));
    return {};
  });

  program.define("correct", {}, (_, s) => {
    const means = f64.readFloat64(s, shares); // [B, n]
    const product = f64.matMul(centred(s), f64.readFloat64(s, weights)); // [rows, B n]
    const [size, n] = [f64.sizeOf(means, 0), f64.sizeOf(means, 1)];
    const rest = tf.scalar(-1, "int32");
    const flat = (x: Tensor) => f64.reshape(x, tf.stack([rest]));
    const scores = f64.reshape(f64.add(product, flat(means)), tf.stack([rest, n])); // [rows B, n]
    const right = tf.cast(tf.equal(f64.argMax(scores), flat(s.read(labels))), "int32");
    return { correct: f64.countsOverRows(f64.reshape(right, tf.stack([rest, size]))) };
  });
}

/** Z'Z/m and q; both zero when no feature varies. */
function standardised(gram: Tensor): { matrix: Tensor; q: Tensor } {
  const q = f64.overRows("Mean", f64.diagonal(gram));
  return { matrix: f64.divNoNan(gram, q), q };
}

type Size = Pick<FeatureSource, "samples" | "width">;

/** A representation of m samples, [m, D] float32. Read several times, in order, a few thousand rows at a time. */
export interface FeatureSource {
  /** m. */
  readonly samples: number;
  /** D. */
  readonly width: number;
  /** Rows first..first+count-1, row-major. The array may be reused by the next call. */
  rows(first: number, count: number): Float32Array;
}

/** @param values [m, D], row-major. @throws Error when they are not a whole number of rows. */
export function inMemory(values: Float32Array, samples: number): FeatureSource {
  const width = values.length / samples;
  if (!Number.isInteger(width) || width < 1)
    throw new Error(`${values.length} values are not ${samples} rows of features`);
  return {
    samples,
    width,
    rows: (first, count) => values.subarray(first * width, (first + count) * width),
  };
}

/** Splits the samples into chunks of at most `values` values each, or of one row. */
function* chunks(
  samples: number,
  width: number,
  values: number,
): Generator<[first: number, count: number]> {
  const size = Math.max(1, Math.floor(values / width));
  for (let first = 0; first < samples; first += size)
    yield [first, Math.min(size, samples - first)];
}
