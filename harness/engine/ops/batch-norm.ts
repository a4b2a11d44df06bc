/** @file Batch normalisation (Ioffe & Szegedy 2015) through TensorFlow's fused kernels, NHWC. */

import { ops, type Attributes } from "../op.ts";
import { tf, type Tensor } from "../tensorflow.ts";
import { fused, release } from "./gradient.ts";

const shared = (epsilon: number, training: boolean): Attributes => ({
  T: { type: "float32" },
  U: { type: "float32" },
  epsilon: { float: epsilon },
  data_format: { string: "NHWC" },
  is_training: { bool: training },
});

export interface BatchNormInputs {
  /** [B, H, W, C] */
  x: Tensor;
  /** [C] each. */
  gamma: Tensor;
  beta: Tensor;
}

/**
 * Normalises by the batch's own statistics.
 *
 * @returns y, and the batch's mean and variance, both [C], the variance with Bessel's correction.
 */
export function batchNorm({ x, gamma, beta }: BatchNormInputs, epsilon: number) {
  const attributes = shared(epsilon, true);
  let statistics: [Tensor, Tensor] | null = null;
  const y = fused([x, gamma, beta], ([x, gamma, beta], save) => {
    const empty = tf.tensor1d([]);
    const forward = { ...attributes, exponential_avg_factor: { float: 1 } };
    const [y, mean, variance, ...reserve] = ops(
      "FusedBatchNormV3",
      [x!, gamma!, beta!, empty, empty],
      forward,
      6,
    );
    statistics = [tf.keep(mean!), tf.keep(variance!)];
    save([x!, gamma!, ...reserve]);
    return {
      value: y!,
      gradient: (dy, saved) =>
        ops("FusedBatchNormGradV3", [dy, ...saved], attributes, 5).slice(0, 3),
    };
  });
  const [mean, variance] = statistics!;
  return { y, statistics: [release(mean), release(variance)] as const };
}

/** Normalises by given statistics, [C] each. No gradient: for evaluation. */
export function batchNormEvaluation(
  { x, gamma, beta }: BatchNormInputs,
  [mean, variance]: readonly [Tensor, Tensor],
  epsilon: number,
): Tensor {
  return ops(
    "FusedBatchNormV3",
    [x, gamma, beta, mean, variance],
    { ...shared(epsilon, false), exponential_avg_factor: { float: 1 } },
    6,
  )[0]!;
}
