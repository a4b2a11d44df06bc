/** @file Fits random labels to frozen features by ridge regression, a chunk of rows at a time, in float64. */

import type { Program, Session } from "../engine/program.ts";
import { recordProgram } from "../engine/recorded-session.ts";
import { chunks, type FeatureSource } from "./feature-source.ts";
import { pairs } from "./float64.ts";
import { ridgeProgram, type RidgeProgram } from "./ridge-program.ts";

/** One labelling of the m samples, labels in [0, n). */
export interface LabelSet {
  n: number;
  labels: Int32Array;
}

export interface RidgeFit {
  /** Per labelling: samples whose label the fit predicts; of equal scores the lowest label counts. */
  correct: number[];
  /** Of Z'Z/m, D numbers, ascending; null unless asked for. */
  eigenvalues: Float64Array | null;
}

export interface RidgeOptions {
  spectrum: boolean;
  /** Called as rows have been worked on, with their number; every row is worked on three times. */
  onRows?: (count: number) => void;
}

/** How the arithmetic is carried out; nothing here changes what is computed. */
export interface RidgeEngine {
  /** Recorded unless said otherwise. */
  open?: (program: Program) => Session;
  /** Most features, or scores, of a chunk: 2^23, 64 MiB in float64. */
  chunkValues?: number;
}

/**
 * A recorded ridge regression for a fixed number of labellings; widths, sample counts and label spaces may
 * change from fit to fit. Holds one chunk, a D x D matrix and D numbers per label.
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

  /** Rows of other samples whose label the last labelling's fit predicts; a label below 0 never is. */
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
    take?: (outputs: ReturnType<Session["run"]>) => void,
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
      take?.(outputs);
      onRows?.(count);
    }
  }
}

function sharesOf(labels: Int32Array, n: number): Float64Array {
  const shares = new Float64Array(n);
  for (const label of labels) shares[label]! += 1 / labels.length;
  return shares;
}
