/** @file Matrix products. */

import { op } from "../op.ts";
import { tf, type Tensor } from "../tensorflow.ts";
import { fused } from "./gradient.ts";

const T = { type: "float32" } as const;

/** a [M, K] times b [K, N]; `ta`, `tb` read a factor transposed. No gradient: see `dense`. */
export const product = (a: Tensor, b: Tensor, ta = false, tb = false): Tensor =>
  op("MatMul", [a, b], { T, transpose_a: { bool: ta }, transpose_b: { bool: tb } });

/** Sum over all axes but the last: [..., N] -> [N]. */
export const biasGradient = (dy: Tensor): Tensor =>
  op("BiasAddGrad", [dy], { T, data_format: { string: "NHWC" } });

export const biasAdd = (x: Tensor, bias: Tensor): Tensor =>
  op("BiasAdd", [x, bias], { T, data_format: { string: "NHWC" } });

/** x [..., K], weights [K, N], bias [N] -> [..., N]. */
export function dense(x: Tensor, weights: Tensor, bias: Tensor): Tensor {
  const [inputs, outputs] = weights.shape as [number, number];
  const rows = x.rank === 2 ? x : tf.reshape(x, [-1, inputs]);
  const y = fused([rows, weights, bias], ([a, w, b], save) => {
    save([a!, w!]);
    return {
      value: biasAdd(product(a!, w!), b!),
      // In a recorded graph an unused gradient costs nothing: no output asks for its node.
      gradient: (dy, [a, w]) => [
        product(dy, w!, false, true),
        product(a!, dy, true),
        biasGradient(dy),
      ],
    };
  });
  return x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
}
