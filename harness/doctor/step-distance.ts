/** @file How far apart two computations of the same training step are. */

import type { Step } from "./questions.ts";

/**
 * Graph and eager execution differ in the order of sums only. Seen: 3e-6; another convolution library
 * on the same processor: 3e-5.
 */
export const EAGER_TOLERANCE = 1e-4;

/**
 * A GPU sums in yet another order (TF32 is off in the self-test), and where that turns a ReLU or a
 * maximum the other way, a gradient changes by more than rounding.
 */
export const GPU_TOLERANCE = 1e-2;

/** Below this norm a tensor is zero but for rounding. */
const ZERO = 1e-6;

export interface Distance {
  /** Largest over all tensors of |a - b| / |b|, in the Euclidean norm; NaN where a value is none. */
  share: number;
  /** The tensor where it is. */
  tensor: string;
}

/** @throws Error when the two are not of the same network. */
export function stepDistance(a: Step, b: Step): Distance {
  let worst: Distance = { share: 0, tensor: "" };
  for (const [i, { name, values }] of a.tensors.entries()) {
    const other = b.tensors[i];
    if (other?.name !== name || other.values.length !== values.length)
      throw new Error(`${a.arch} and ${b.arch} do not have the same tensors`);
    const share =
      norm(values.map((x, k) => x - other.values[k]!)) / Math.max(norm(other.values), ZERO);
    if (Number.isNaN(share)) return { share, tensor: name };
    if (share > worst.share) worst = { share, tensor: name };
  }
  return worst;
}

const norm = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
