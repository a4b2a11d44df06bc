/**
 * @file The ridge regression of the controls (method.md section 4) as a program over chunks of feature rows.
 *
 * No size is recorded: one program serves every width, sample count and label space. With c = x - mean,
 * q = mean(diag(sum c'c)) = m rms^2 and G = (sum c'c)/q = Z'Z/m, the weights on c are V = (G + l I)^-1 (sum c'y)/q.
 */

import { Program, type Scope, type Variable } from "../engine/program.ts";
import { tf, type Tensor } from "../engine/tensorflow.ts";
import * as f64 from "./float64.ts";

/** What belongs to one labelling of the samples. */
export interface LabelVariables {
  /** int32 [rows]: labels of the chunk. */
  labels: Variable;
  /** float64 [n, D]: sums of centred rows by label. */
  sums: Variable;
  /** float64 [n]: share of each label among the samples. */
  shares: Variable;
  /** float64 [D, n]. */
  weights: Variable;
}

export interface RidgeProgram {
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
export function ridgeProgram(sets: number, penalty: number): RidgeProgram {
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
