/** @file Activations and dropout. */

import { op } from "../op.ts";
import { tf, type Tensor } from "../tensorflow.ts";
import { fused } from "./gradient.ts";

const T = { type: "float32" } as const;

export function relu(x: Tensor): Tensor {
  return fused([x], ([x], save) => {
    const y = op("Relu", [x!], { T });
    save([y]);
    return { value: y, gradient: (dy, [y]) => [op("ReluGrad", [dy, y!], { T })] };
  });
}

/** ln(2 / sqrt(pi)): the slope of erf at 0, as an exponent. */
const LOG_SLOPE = Math.log(2 / Math.sqrt(Math.PI));

/**
 * v (1 + erf v), which is sqrt(2) GELU(sqrt(2) v) (Hendrycks & Gimpel 2016, arXiv 1606.08415, section 2).
 *
 * The layers around it carry the square roots in their weights, which are small; over activations every pass counts.
 */
export function scaledGelu(v: Tensor): Tensor {
  return fused([v], ([v], save) => {
    const cumulated = tf.add(tf.erf(v!), 1);
    save([v!, cumulated]);
    return {
      value: tf.mul(v!, cumulated),
      gradient: (dy, [v, cumulated]) => {
        const density = tf.exp(tf.sub(LOG_SLOPE, tf.square(v!)));
        return [tf.mul(dy, tf.add(tf.mul(density, v!), cumulated!))];
      },
    };
  });
}

/**
 * Inverted dropout (Srivastava et al. 2014): keeps an element with probability 1 - rate, scaled by 1/(1 - rate).
 *
 * @param noise uniform on [0, 1), the shape of x.
 */
export function dropout(x: Tensor, rate: number, noise: Tensor): Tensor {
  const kept = tf.cast(tf.greaterEqual(noise, rate), "float32");
  return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
}
