/** @file Compares an operation's own gradients with central differences. */

import { type Tensor, tf, tidy, valueAndGradients } from "../../harness/engine/tensorflow.ts";

export interface Point {
  shape: number[];
  values: Float32Array;
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Smooth, without pattern, in [-1, 1], the same at every call. */
const wave = (i: number) => Math.sin(12.9898 * i + 78.233 * Math.sin(0.7 * i + 1));

/** A point of unit size; `salt` gives another. */
export const point = (shape: number[], salt = 0): Point => ({
  shape,
  values: Float32Array.from({ length: size(shape) }, (_, i) => wave(i + 1000 * salt)),
});

/** Values at least 0.2 from each other and from zero, so that no kink of ReLU or a maximum is near. */
export function spread(shape: number[]): Point {
  const count = size(shape);
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => wave(a) - wave(b));
  return { shape, values: Float32Array.from(order, (k) => 0.2 * (k - count / 2) + 0.1) };
}

/**
 * Largest difference between the gradient of sum(weights * operation(inputs)) and its finite difference, over every
 * element of every input, as a share of the largest gradient. Fourth-order differences, so that a step wide enough
 * for float32 has no error of its own.
 */
export function gradientError(
  operation: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Point[],
): number {
  const exact = tidy(() => exactGradients(operation, inputs));
  let [worst, largest] = [0, 1e-30];
  for (const [k, { values }] of inputs.entries())
    for (const i of values.keys()) {
      const g = exact[k]![i]!;
      largest = Math.max(largest, Math.abs(g));
      worst = Math.max(worst, Math.abs(g - slope(operation, inputs, k, i)));
    }
  return worst / largest;
}

const tensors = (inputs: readonly Point[]) =>
  inputs.map(({ shape, values }) => tf.tensor(values, shape));

function exactGradients(operation: (...inputs: Tensor[]) => Tensor, inputs: readonly Point[]) {
  const xs = tensors(inputs);
  const { gradients } = valueAndGradients(() => {
    const y = operation(...xs);
    const weights = Float32Array.from({ length: y.size }, (_, j) => wave(j + 0.5));
    return tf.sum(tf.mul(y, tf.tensor(weights, y.shape)));
  }, xs);
  return gradients.map((g, k) => g?.dataSync() ?? new Float32Array(inputs[k]!.values.length));
}

const STEP = 0.03;

function slope(
  operation: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Point[],
  k: number,
  i: number,
): number {
  const at = (offset: number) => {
    const moved = inputs.map(({ shape, values }, j) => ({
      shape,
      values: j === k ? values.with(i, values[i]! + offset) : values,
    }));
    // Summed in float64: the sum would otherwise lose what the difference is made of.
    const y = tidy(() => operation(...tensors(moved)).dataSync<"float32">());
    return y.reduce((sum, value, j) => sum + value * Math.fround(wave(j + 0.5)), 0);
  };
  const near = (at(STEP) - at(-STEP)) / (2 * STEP);
  const far = (at(2 * STEP) - at(-2 * STEP)) / (4 * STEP);
  return (4 * near - far) / 3;
}
