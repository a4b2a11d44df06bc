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

/** x/2 (1 + tanh u) is x sigmoid(2u), and 2u = x (A + B x^2). */
const A = 2 * Math.sqrt(2 / Math.PI);
const B = 0.044715 * A;

/**
 * GELU, the tanh form (Hendrycks & Gimpel 2016, arXiv 1606.08415, section 2):
 * x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), through the sigmoid: fewer passes over memory.
 */
export function gelu(x: Tensor): Tensor {
  return fused([x], ([x], save) => {
    const square = tf.mul(x!, x!);
    const s = tf.sigmoid(tf.mul(x!, tf.add(tf.mul(square, B), A)));
    save([x!, s]);
    return {
      value: tf.mul(x!, s),
      gradient: (dy, [x, s]) => {
        // d/dx = s + s (1 - s) x (A + 3 B x^2)
        const slope = tf.mul(x!, tf.add(tf.mul(tf.mul(x!, x!), 3 * B), A));
        const bend = tf.mul(tf.sub(1, s!), slope);
        return [tf.mul(tf.mul(dy, s!), tf.add(bend, 1))];
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
