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

const C = Math.sqrt(2 / Math.PI);

/**
 * GELU, the tanh form (Hendrycks & Gimpel 2016, arXiv 1606.08415, section 2):
 * x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
 */
export function gelu(x: Tensor): Tensor {
  return fused([x], ([x], save) => {
    const square = tf.mul(x!, x!);
    const inner = tf.mul(x!, tf.add(tf.mul(square, 0.044715 * C), C));
    const t = tf.tanh(inner);
    save([x!, t]);
    return {
      value: tf.mul(tf.mul(x!, 0.5), tf.add(t, 1)),
      gradient: (dy, [x, t]) => {
        // d/dx = (1+t)/2 + x/2 (1-t^2) (C + 3*0.044715*C x^2)
        const slope = tf.add(tf.mul(tf.mul(x!, x!), 3 * 0.044715 * C), C);
        const bend = tf.mul(tf.mul(x!, 0.5), tf.mul(tf.sub(1, tf.mul(t!, t!)), slope));
        return [tf.mul(dy, tf.add(tf.mul(tf.add(t!, 1), 0.5), bend))];
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
