/**
 * @file The scalars of one Adam update (Kingma & Ba 2015, arXiv 1412.6980, algorithm 1).
 *
 * w -= rate / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + epsilon): epsilon stands outside the root of the *corrected*
 * second moment, as in the paper and in PyTorch. TensorFlow's kernel adds it to the root of the uncorrected one, so
 * both scalars are corrected here and the kernel's own correction is left without effect.
 */

import { tf, type Tensor } from "../tensorflow.ts";

export interface AdamOptions {
  /** Scalar. */
  rate: Tensor;
  /** Number of this update, from 1: float32 scalar. */
  step: Tensor;
  betas: readonly [first: number, second: number];
  epsilon: number;
}

/** What all variables of an update share: m and v by `betas`, then w -= rate * m / (sqrt(v) + epsilon). */
export interface AdamStep {
  rate: Tensor;
  epsilon: Tensor;
  betas: readonly [first: number, second: number];
}

/** Computed once per update, for all variables. Weight decay is left to the caller: AdamW scales w first. */
export function adamStep({ rate, step, betas, epsilon }: AdamOptions): AdamStep {
  // 1 - beta^t by expm1, because float32 holds 1 - 0.999 to four digits only.
  const [first, second] = betas.map((beta) => tf.neg(tf.expm1(tf.mul(step, Math.log(beta)))));
  const root = tf.sqrt(second!);
  return { rate: tf.mul(rate, tf.div(root, first!)), epsilon: tf.mul(root, epsilon), betas };
}
