/** @file Pooling over space, NHWC. */

import { op, type Attributes } from "../op.ts";
import { tf, type Tensor } from "../tensorflow.ts";
import { fused } from "./gradient.ts";

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
