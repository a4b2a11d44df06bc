/** @file Layer normalisation (Ba, Kiros & Hinton 2016, arXiv 1607.06450) over the last axis. */

import { tf, type Tensor } from "../tensorflow.ts";
import { biasGradient } from "./dense.ts";
import { fused } from "./gradient.ts";

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

/** Without scale and shift, which a dense layer behind it can carry: (x - mean)/sqrt(variance + epsilon). */
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

/** By x, from the gradient by the normal form and the normal form. */
function normGradient(dn: Tensor, normal: Tensor, scale: Tensor): Tensor {
  const along = tf.mean(tf.mul(dn, normal), -1, true);
  const dx = tf.sub(tf.sub(dn, tf.mean(dn, -1, true)), tf.mul(normal, along));
  return tf.mul(dx, scale);
}
