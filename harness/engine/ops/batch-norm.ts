/** @file Batch normalization (Ioffe & Szegedy 2015) through TensorFlow's fused kernels, NHWC. */

import { type Attributes, type Tensor, fused, ops, release, tf } from "../tensorflow.ts";
import { biasGradient } from "./activation.ts";

const shared = (epsilon: number, training: boolean): Attributes => ({
  T: { type: "float32" },
  U: { type: "float32" },
  epsilon: { float: epsilon },
  data_format: { string: "NHWC" },
  is_training: { bool: training },
});

interface BatchNormInputs {
  /** [B, H, W, C] */
  x: Tensor;
  /** [C] each. */
  gamma: Tensor;
  beta: Tensor;
}

/**
 * Normalizes by the batch's own statistics.
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

/** Normalizes by given statistics, [C] each. No gradient: for evaluation. */
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

/** x [..., C], gamma and beta [C]: (x - mean)/sqrt(variance + epsilon) * gamma + beta. */
export function layerNorm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor {
  return fused([x, gamma, beta], ([x, gamma, beta], save) => {
    const mean = tf.mean(x!, -1, true);
    const centred = tf.sub(x!, mean);
    const variance = tf.mean(tf.square(centred), -1, true);
    const scale = tf.rsqrt(tf.add(variance, epsilon));
    const normal = tf.mul(centred, scale);
    save([normal, scale, gamma!]);
    return {
      value: tf.add(tf.mul(normal, gamma!), beta!),
      gradient: (dy, [normal, scale, gamma]) => {
        const dx = normGradient(tf.mul(dy, gamma!), normal!, scale!);
        return [dx, biasGradient(tf.mul(dy, normal!)), biasGradient(dy)];
      },
    };
  });
}

/** Layer norm without scale and shift, which the next dense layer can carry: (x - mean)/sqrt(variance + epsilon). */
export function standardise(x: Tensor, epsilon: number): Tensor {
  return fused([x], ([x], save) => {
    const centred = tf.sub(x!, tf.mean(x!, -1, true));
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
    const normal = tf.mul(centred, scale);
    save([normal, scale]);
    return {
      value: normal,
      gradient: (dy, [normal, scale]) => [normGradient(dy, normal!, scale!)],
    };
  });
}

/** Gradient at x, from `dn`, the gradient at the normalized values. */
function normGradient(dn: Tensor, normal: Tensor, scale: Tensor): Tensor {
  const along = tf.mean(tf.mul(dn, normal), -1, true);
  const dx = tf.sub(tf.sub(dn, tf.mean(dn, -1, true)), tf.mul(normal, along));
  return tf.mul(dx, scale);
}
