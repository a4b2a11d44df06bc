/**
 * @file A network of two hidden layers with two random-label heads, trained in a reader's browser by the rules of
 * docs/method.md, sections 2 and 3, in plain loops: matrices row by row, all in float64, which is faster than float32, as nothing is converted.
 */

/** Columns of the matrices. */
export interface ToyShape {
  /** Values of an image. */
  inputs: number;
  /** Of each hidden layer; the second is the tap that the heads read. */
  width: number;
  classes: number;
  /** Size n of the label space of both heads. */
  labels: number;
}

/** A matrix of weights with its bias, and the velocities of both. */
interface Layer {
  rows: number;
  columns: number;
  weights: Float64Array;
  bias: Float64Array;
  velocity: { weights: Float64Array; bias: Float64Array };
}

/** `acted`: draw 0, which lambda acts on. `watched`: draw 1, which only reads; its accuracy is the learned complexity. */
export type HeadName = "acted" | "watched";

const HEADS: readonly HeadName[] = ["acted", "watched"];

export interface Toy {
  shape: ToyShape;
  first: Layer;
  second: Layer;
  classHead: Layer;
  heads: Record<HeadName, Layer>;
  /** Running mean square of the tap's features; null before the first batch. */
  meanSquare: number | null;
}

/** As micro-1 has them. */
const [MOMENTUM, RMS_DECAY, RMS_EPSILON, CLIP_NORM] = [0.9, 0.9, 1e-5, 5];

/**
 * He-normal hidden layers, a class head of standard deviation 1/sqrt(width), heads that start at zero.
 *
 * @param normal the i-th standard normal number.
 */
export function makeToy(shape: ToyShape, normal: (i: number) => number): Toy {
  let drawn = 0;
  const layer = (rows: number, columns: number, deviation: number): Layer => ({
    ...{ rows, columns },
    weights: Float64Array.from({ length: rows * columns }, () =>
      deviation === 0 ? 0 : deviation * normal(drawn++),
    ),
    bias: new Float64Array(columns),
    velocity: { weights: new Float64Array(rows * columns), bias: new Float64Array(columns) },
  });
  const { inputs, width, classes, labels } = shape;
  return {
    shape,
    first: layer(inputs, width, Math.sqrt(2 / inputs)),
    second: layer(width, width, Math.sqrt(2 / width)),
    classHead: layer(width, classes, 1 / Math.sqrt(width)),
    heads: { acted: layer(width, labels, 0), watched: layer(width, labels, 0) },
    meanSquare: null,
  };
}

export interface ToyBatch {
  /** [B, inputs] */
  images: Float64Array;
  /** [B] */
  classes: ArrayLike<number>;
  /** [B] each, in [0, n). */
  labels: Record<HeadName, ArrayLike<number>>;
}

/** L = L_class + L_rnd + lambda L_reg; one step of SGD on it, where each loss reaches only what section 3 says. */
export function trainToy(toy: Toy, batch: ToyBatch, rate: number, lambda: number): void {
  const { first, second, classHead, heads } = toy;
  const hidden = relu(affine(batch.images, first));
  const tap = relu(affine(hidden, second));
  const divisor = nextDivisor(toy, tap);
  const read = divided(tap, divisor);
  const task = crossEntropy(affine(tap, classHead), batch.classes, classHead.columns);
  const logits = { acted: affine(read, heads.acted), watched: affine(read, heads.watched) };

  const reached = timesTransposed(task.gradient, classHead);
  if (lambda > 0) {
    const { gradient } = log1m(logits.acted, batch.labels.acted, heads.acted.columns);
    const pushed = timesTransposed(gradient, heads.acted);
    for (let i = 0; i < reached.length; i++) reached[i]! += (lambda * pushed[i]!) / divisor;
  }
  const atTap = masked(reached, tap);
  const atHidden = masked(timesTransposed(atTap, second), hidden);
  const gradients = [
    { layer: first, ...weightGradient(batch.images, atHidden, first) },
    { layer: second, ...weightGradient(hidden, atTap, second) },
    { layer: classHead, ...weightGradient(tap, task.gradient, classHead) },
  ];
  const norm = Math.sqrt(
    gradients.reduce((sum, { weights, bias }) => sum + squares(weights) + squares(bias), 0),
  );
  const scale = Math.min(1, CLIP_NORM / norm);

  for (const name of HEADS) {
    const { gradient } = crossEntropy(logits[name], batch.labels[name], toy.shape.labels);
    update(heads[name], weightGradient(read, gradient, heads[name]), rate, 1);
  }
  for (const { layer, ...gradient } of gradients) update(layer, gradient, rate, scale);
}

/** Predictions of class head and heads, the lowest of equal scores; [B] each. */
export function evaluateToy(
  toy: Toy,
  images: Float64Array,
): { classes: Int32Array } & Record<HeadName, Int32Array> {
  const tap = relu(affine(relu(affine(images, toy.first)), toy.second));
  const divisor = Math.sqrt((toy.meanSquare ?? 0) + RMS_EPSILON);
  const read = divided(tap, divisor);
  const given = (layer: Layer, features: Float64Array) =>
    largest(affine(features, layer), layer.columns);
  return {
    classes: given(toy.classHead, tap),
    acted: given(toy.heads.acted, read),
    watched: given(toy.heads.watched, read),
  };
}

/** v <- decay v + (1 - decay) mean(z^2), the first batch sets it; the divisor is sqrt(v + epsilon). */
function nextDivisor(toy: Toy, tap: Float64Array): number {
  const now = squares(tap) / tap.length;
  toy.meanSquare =
    toy.meanSquare === null ? now : RMS_DECAY * toy.meanSquare + (1 - RMS_DECAY) * now;
  return Math.sqrt(toy.meanSquare + RMS_EPSILON);
}

/** x W + b: [B, rows] -> [B, columns]. */
function affine(x: Float64Array, { rows, columns, weights, bias }: Layer): Float64Array {
  const y = product(x, weights, [x.length / rows, rows, columns], [rows, 1, columns, 1]);
  for (let at = 0; at < y.length; at += columns)
    for (let j = 0; j < columns; j++) y[at + j]! += bias[j]!;
  return y;
}

/** g W': [B, columns] -> [B, rows]. */
function timesTransposed(g: Float64Array, { rows, columns, weights }: Layer): Float64Array {
  return product(g, weights, [g.length / columns, columns, rows], [columns, 1, 1, columns]);
}

interface Gradient {
  weights: Float64Array;
  bias: Float64Array;
}

/** x'g, and the sum of g over the batch. */
function weightGradient(x: Float64Array, g: Float64Array, { rows, columns }: Layer): Gradient {
  const batch = g.length / columns;
  const ones = new Float64Array(batch).fill(1);
  return {
    weights: product(x, g, [rows, batch, columns], [1, rows, columns, 1]),
    bias: product(ones, g, [1, batch, columns], [batch, 1, columns, 1]),
  };
}

/** Of a [m, k] along m and k, of b [k, n] along k and n. */
type Strides = readonly [am: number, ak: number, bk: number, bn: number];

/** The matrix product of a [m, k] and b [k, n], in blocks; what is left of odd rows and columns is summed one by one. */
function product(
  a: Float64Array,
  b: Float64Array,
  [m, k, n]: readonly [m: number, k: number, n: number],
  strides: Strides,
): Float64Array {
  const c = new Float64Array(m * n);
  const [am, ak, bk, bn] = strides;
  const [rows, columns] = [m - (m % 2), n - (n % 4)];
  for (let i = 0; i < rows; i += 2)
    for (let j = 0; j < columns; j += 4) block(a, b, c, i, j, k, n, strides);
  for (let i = 0; i < m; i++)
    for (let j = i < rows ? columns : 0; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += a[i * am + l * ak]! * b[l * bk + j * bn]!;
      c[i * n + j] = sum;
    }
  return c;
}

/**
 * Two rows by four columns of c, from row i and column j on: eight sums stay in registers, and six numbers read serve
 * eight products. One row's four sums at a time took half as long again.
 */
function block(
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  i: number,
  j: number,
  k: number,
  n: number,
  [am, ak, bk, bn]: Strides,
): void {
  const [two, three] = [2 * bn, 3 * bn];
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let t0 = 0;
  let t1 = 0;
  let t2 = 0;
  let t3 = 0;
  for (let l = 0, at = i * am, from = j * bn; l < k; l++, at += ak, from += bk) {
    const upper = a[at]!;
    const lower = a[at + am]!;
    const b0 = b[from]!;
    const b1 = b[from + bn]!;
    const b2 = b[from + two]!;
    const b3 = b[from + three]!;
    s0 += upper * b0;
    s1 += upper * b1;
    s2 += upper * b2;
    s3 += upper * b3;
    t0 += lower * b0;
    t1 += lower * b1;
    t2 += lower * b2;
    t3 += lower * b3;
  }
  put(c, i * n + j, s0, s1, s2, s3);
  put(c, (i + 1) * n + j, t0, t1, t2, t3);
}

function put(c: Float64Array, at: number, s0: number, s1: number, s2: number, s3: number): void {
  c[at] = s0;
  c[at + 1] = s1;
  c[at + 2] = s2;
  c[at + 3] = s3;
}

/** Sum of squares, in a loop: with `reduce` all of a training took a sixth longer. */
function squares(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

/** v = momentum v + scale g; w -= rate v. */
function update(layer: Layer, gradient: Gradient, rate: number, scale: number): void {
  for (const part of ["weights", "bias"] as const) {
    const [values, velocity, g] = [layer[part], layer.velocity[part], gradient[part]];
    for (let i = 0; i < values.length; i++) {
      velocity[i] = MOMENTUM * velocity[i]! + scale * g[i]!;
      values[i]! -= rate * velocity[i]!;
    }
  }
}

function relu(x: Float64Array): Float64Array {
  for (let i = 0; i < x.length; i++) if (x[i]! < 0) x[i] = 0;
  return x;
}

/** The gradient where the activation is above zero. */
function masked(gradient: Float64Array, activation: Float64Array): Float64Array {
  for (let i = 0; i < gradient.length; i++) if (activation[i]! <= 0) gradient[i] = 0;
  return gradient;
}

interface Loss {
  /** Mean over the batch, nats. */
  loss: number;
  /** Of that mean at the logits, [B, n]. */
  gradient: Float64Array;
}

/** Gradient: softmax minus the one-hot label. */
export function crossEntropy(logits: Float64Array, labels: ArrayLike<number>, n: number): Loss {
  const count = logits.length / n;
  const gradient = new Float64Array(logits.length);
  let loss = 0;
  for (let b = 0; b < count; b++) {
    const at = b * n;
    const total = logSumExp(logits, at, n, null);
    loss += total - logits[at + labels[b]!]!;
    for (let j = 0; j < n; j++) gradient[at + j] = Math.exp(logits[at + j]! - total) / count;
    gradient[at + labels[b]!]! -= 1 / count;
  }
  return { loss: loss / count, gradient };
}

/** -log(1 - p_r) = logsumexp(s) - logsumexp(s without r); gradient p_r at r, -p_r p_j/(1 - p_r) elsewhere. */
export function log1m(logits: Float64Array, labels: ArrayLike<number>, n: number): Loss {
  const count = logits.length / n;
  const gradient = new Float64Array(logits.length);
  let loss = 0;
  for (let b = 0; b < count; b++) {
    const [at, own] = [b * n, labels[b]!];
    const [total, others] = [logSumExp(logits, at, n, null), logSumExp(logits, at, n, own)];
    loss += total - others;
    const right = Math.exp(logits[at + own]! - total);
    for (let j = 0; j < n; j++)
      gradient[at + j] = (-right * Math.exp(logits[at + j]! - others)) / count;
    gradient[at + own] = right / count;
  }
  return { loss: loss / count, gradient };
}

/** Over n logits from `at` on. @param without one of them that is left out. */
function logSumExp(logits: Float64Array, at: number, n: number, without: number | null): number {
  let top = -Infinity;
  for (let j = 0; j < n; j++) if (j !== without) top = Math.max(top, logits[at + j]!);
  let sum = 0;
  for (let j = 0; j < n; j++) if (j !== without) sum += Math.exp(logits[at + j]! - top);
  return top + Math.log(sum);
}

function largest(scores: Float64Array, columns: number): Int32Array {
  return Int32Array.from({ length: scores.length / columns }, (_, b) => {
    let best = 0;
    for (let j = 1; j < columns; j++)
      if (scores[b * columns + j]! > scores[b * columns + best]!) best = j;
    return best;
  });
}

function divided(x: Float64Array, divisor: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) y[i] = x[i]! / divisor;
  return y;
}
