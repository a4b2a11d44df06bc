/** @file Activations and dropout. */

import { type Attributes, type Tensor, fused, op, tf } from "../tensorflow.ts";

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
 * The layers around it carry the square roots in their weights, which are small; each pass over activations costs time.
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

/** x [B, H, W, I], filter [K, K, I, O] -> [B, H/stride, W/stride, O], zero padding as TensorFlow's SAME. */
export function conv2d(x: Tensor, filter: Tensor, stride = 1, padding = "SAME"): Tensor {
  const attributes: Attributes = {
    T: { type: "float32" },
    strides: { ints: [1, stride, stride, 1] },
    padding: { string: padding },
    data_format: { string: "NHWC" },
    dilations: { ints: [1, 1, 1, 1] },
    use_cudnn_on_gpu: { bool: true },
  };
  return fused([x, filter], ([x, w], save) => {
    save([x!, w!]);
    const [xShape, wShape] = [x!.shape, w!.shape];
    return {
      value: op("Conv2D", [x!, w!], attributes),
      gradient: (dy, [x, w]) => [
        op("Conv2DBackpropInput", [tf.tensor1d(xShape, "int32"), w!, dy], attributes),
        op("Conv2DBackpropFilter", [x!, tf.tensor1d(wShape, "int32"), dy], attributes),
      ],
    };
  });
}

/** a [M, K] times b [K, N]; `ta` and `tb` transpose a factor first. No gradient: see `dense`. */
export const product = (a: Tensor, b: Tensor, ta = false, tb = false): Tensor =>
  op("MatMul", [a, b], { T, transpose_a: { bool: ta }, transpose_b: { bool: tb } });

/** Sum over all axes but the last: [..., N] -> [N]. */
export const biasGradient = (dy: Tensor): Tensor =>
  op("BiasAddGrad", [dy], { T, data_format: { string: "NHWC" } });

const biasAdd = (x: Tensor, bias: Tensor): Tensor =>
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

const TWO: Attributes = {
  T: { type: "float32" },
  ksize: { ints: [1, 2, 2, 1] },
  strides: { ints: [1, 2, 2, 1] },
  padding: { string: "SAME" },
  data_format: { string: "NHWC" },
};

/** 2 x 2 maximum, stride 2: [B, H, W, C] -> [B, H/2, W/2, C], rounded up; an odd edge is pooled alone. */
export function maxPool(x: Tensor): Tensor {
  return fused([x], ([x], save) => {
    const y = op("MaxPool", [x!], TWO);
    save([x!, y]);
    return { value: y, gradient: (dy, [x, y]) => [op("MaxPoolGrad", [x!, y!, dy], TWO)] };
  });
}

/** Mean over the middle axes: [B, H, W, C] or [B, tokens, C] -> [B, C]. */
export function globalMean(x: Tensor): Tensor {
  return fused([x], ([x]) => {
    const { shape } = x!;
    const middle = shape.slice(1, -1);
    const axes = middle.map((_, i) => i + 1);
    const share = 1 / middle.reduce((a, b) => a * b, 1);
    return {
      value: tf.mean(x!, axes),
      gradient: (dy) => {
        const flat = tf.reshape(tf.mul(dy, share), [
          shape[0],
          ...middle.map(() => 1),
          shape.at(-1)!,
        ]);
        return [broadcastTo(flat, shape)];
      },
    };
  });
}

const broadcastTo = (x: Tensor, shape: readonly number[]) =>
  op("BroadcastTo", [x, tf.tensor1d([...shape], "int32")], {
    T: { type: "float32" },
    Tidx: { type: "int32" },
  });
