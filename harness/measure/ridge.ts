/** @file Fits random labels to frozen features by ridge regression, a chunk of rows at a time, in float64. */

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

export interface RidgeFit {
  /** For each labelling, the number of samples whose label the fit predicts; among equal scores the lowest label counts. */
  correct: number[];
  /** Eigenvalues of Z'Z/m, D numbers, ascending; null unless asked for. */
  eigenvalues: Float64Array | null;
}

interface RidgeOptions {
  spectrum: boolean;
  /** Called with the number of rows just processed; every row is processed three times. */
  onRows?: (count: number) => void;
}

/** How the arithmetic is carried out; nothing here changes what is computed. */
export interface RidgeEngine {
  /** Default: `recordProgram`. */
  open?: (program: Program) => Session;
  /** Most features, or scores, in a chunk; default 2^23, 64 MiB in float64. */
  chunkValues?: number;
}

/**
 * A recorded ridge regression for a fixed number of labellings; widths, sample counts and label spaces may
 * change from fit to fit. Holds one chunk, a D x D matrix and D numbers per label.
 *
 * @example
 * const ridge = new Ridge(1, 0.01);
 * const { correct } = ridge.fit(inMemory(features, m), [{ n: 10, labels }], { spectrum: false });
 * const accuracy = correct[0]! / m;
 */
export class Ridge {
  readonly #ridge: RidgeProgram;
  readonly #session: Session;
  readonly #chunkValues: number;

  /** @param sets number of labellings. */
  constructor(sets: number, penalty: number, how: RidgeEngine = {}) {
    this.#ridge = ridgeProgram(sets, penalty);
    this.#session = (how.open ?? recordProgram)(this.#ridge.program);
    this.#chunkValues = how.chunkValues ?? 2 ** 23;
  }

  /** @throws Error when a feature is not finite. */
  fit(features: FeatureSource, sets: readonly LabelSet[], options: RidgeOptions): RidgeFit {
    this.#start(features, sets);
    this.#eachChunk(features, sets, "addToMean", options.onRows);
    this.#eachChunk(features, sets, "addToMoments", options.onRows);
    const q = this.#session.run("solve")["q"]![0]!;
    if (!Number.isFinite(q)) throw new Error("a feature is not finite");
    const correct = sets.map(() => 0);
    this.#eachChunk(features, sets, "correct", options.onRows, (counts) => {
      for (const [i, count] of counts["correct"]!.entries()) correct[i]! += count;
    });
    const eigenvalues = options.spectrum
      ? (this.#session.run("spectrum")["eigenvalues"] as Float64Array)
      : null;
    return { correct, eigenvalues };
  }

  /** Number of other samples whose label the fit of the last labelling predicts; a negative label is never predicted. */
  correctInLast(features: FeatureSource, last: LabelSet): number {
    const sets = this.#ridge.sets.map((_, i) => (i === this.#ridge.sets.length - 1 ? last : null));
    let correct = 0;
    this.#eachChunk(features, sets, "correctInLast", undefined, (counts) => {
      correct += counts["correct"]![0]!;
    });
    return correct;
  }

  close(): void {
    this.#session.close();
  }

  #start(features: FeatureSource, sets: readonly LabelSet[]): void {
    const { origin, samples } = this.#ridge;
    this.#session.write(origin, features.rows(0, 1), [features.width]);
    this.#session.write(samples, Int32Array.of(features.samples));
    for (const [i, { n, labels }] of sets.entries())
      this.#session.write(this.#ridge.sets[i]!.shares, pairs(sharesOf(labels, n)), [n, 2]);
    this.#session.run("begin");
  }

  #eachChunk(
    features: FeatureSource,
    sets: readonly (LabelSet | null)[],
    call: string,
    onRows: RidgeOptions["onRows"],
    onChunk?: (outputs: ReturnType<Session["run"]>) => void,
  ): void {
    const widest = Math.max(features.width, ...sets.map((set) => set?.n ?? 0));
    for (const [first, count] of chunks(features.samples, widest, this.#chunkValues)) {
      const { rows } = this.#ridge;
      this.#session.write(rows, features.rows(first, count), [count, features.width]);
      for (const [i, set] of sets.entries())
        if (set)
          this.#session.write(
            this.#ridge.sets[i]!.labels,
            set.labels.subarray(first, first + count),
            [count],
          );
      const outputs = this.#session.run(call);
      onChunk?.(outputs);
      onRows?.(count);
    }
  }
}

function sharesOf(labels: Int32Array, n: number): Float64Array {
  const shares = new Float64Array(n);
  for (const label of labels) shares[label]! += 1 / labels.length;
  return shares;
}

/** The variables of one labelling of the samples. */
interface LabelVariables {
  /** int32 [rows]: labels of the chunk. */
  labels: Variable;
  /** float64 [n, D]: sums of centred rows by label. */
  sums: Variable;
  /** float64 [n]: share of each label among the samples. */
  shares: Variable;
  /** float64 [D, n]. */
  weights: Variable;
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
  sets: LabelVariables[];
}

/** @param sets number of labellings fitted at once. @param penalty l. */
function ridgeProgram(sets: number, penalty: number): RidgeProgram {
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
    sets: Array.from({ length: sets }, (_, i) => ({
      labels: program.variable(`set${i}/labels`, [-1], "int32"),
      sums: float64(`set${i}/sums`, -1, -1),
      shares: float64(`set${i}/shares`, -1),
      weights: float64(`set${i}/weights`, -1, -1),
    })),
  };
  define(ridge, penalty);
  return ridge;
}

function define(ridge: RidgeProgram, penalty: number): void {
  const { program, rows, origin, samples, sum, gram, sets } = ridge;
  const shifted = (s: Scope) => f64.sub(f64.toFloat64(s.read(rows)), f64.toFloat64(s.read(origin)));
  const centred = (s: Scope) =>
    f64.sub(shifted(s), f64.div(f64.readFloat64(s, sum), f64.toFloat64(s.read(samples))));

  program.define("begin", {}, (_, s) => {
    const width = f64.length(f64.toFloat64(s.read(origin)));
    s.assign(sum, f64.zeros(width));
    s.assign(gram, f64.zeros(width, width));
    for (const set of sets)
      s.assign(set.sums, f64.zeros(f64.length(f64.readFloat64(s, set.shares)), width));
    return {};
  });

  program.define("addToMean", {}, (_, s) => {
    f64.addFloat64(s, sum, f64.overRows("Sum", shifted(s)));
    return {};
  });

  program.define("addToMoments", {}, (_, s) => {
    const c = centred(s);
    f64.addFloat64(s, gram, f64.matMul(c, c, true));
    for (const { labels, sums, shares } of sets) {
      const n = f64.length(f64.readFloat64(s, shares));
      f64.addFloat64(s, sums, f64.sumsByLabel(c, s.read(labels), n));
    }
    return {};
  });

  program.define("solve", {}, (_, s) => {
    const { matrix, q } = standardised(f64.readFloat64(s, gram));
    const damped = f64.add(f64.diagonal(matrix), f64.constant(penalty));
    const right = sets.map(({ sums }) => f64.divNoNan(f64.transpose(f64.readFloat64(s, sums)), q));
    const weights = f64.solve(f64.withDiagonal(matrix, damped), right);
    for (const [i, set] of sets.entries()) f64.assignFloat64(s, set.weights, weights[i]!);
    return { q };
  });

  program.define("spectrum", {}, (_, s) => ({
    eigenvalues: f64.eigenvalues(standardised(f64.readFloat64(s, gram)).matrix),
  }));

  const correct = (s: Scope, c: Tensor, { labels, weights, shares }: LabelVariables) => {
    const product = f64.matMul(c, f64.readFloat64(s, weights));
    const guess = f64.argMax(f64.add(product, f64.readFloat64(s, shares)));
    return tf.sum(tf.cast(tf.equal(guess, s.read(labels)), "int32"));
  };
  program.define("correct", {}, (_, s) => {
    const c = centred(s);
    return { correct: tf.stack(sets.map((set) => correct(s, c, set))) };
  });
  program.define("correctInLast", {}, (_, s) => ({
    correct: correct(s, centred(s), sets.at(-1)!),
  }));
}

/** Z'Z/m and q; both zero when no feature varies. */
function standardised(gram: Tensor): { matrix: Tensor; q: Tensor } {
  const q = f64.overRows("Mean", f64.diagonal(gram));
  return { matrix: f64.divNoNan(gram, q), q };
}

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
