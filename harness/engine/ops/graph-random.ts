/** @file Random numbers inside the graph: a pure function of a fed key, so a resumed run draws the same numbers. */

import { type Tensor, op, tf } from "../tensorflow.ts";

/** Uniform on [0, 1), any shape. @param key int32 [2]. */
export function uniform(shape: readonly number[], key: Tensor): Tensor {
  return op("StatelessRandomUniform", [tf.tensor1d([...shape], "int32"), key], {
    dtype: { type: "float32" },
    T: { type: "int32" },
    Tseed: { type: "int32" },
  });
}

/** Standard normal, any shape. @param key int32 [2]. */
export function normal(shape: readonly number[], key: Tensor): Tensor {
  return op("StatelessRandomNormal", [tf.tensor1d([...shape], "int32"), key], {
    dtype: { type: "float32" },
    T: { type: "int32" },
    Tseed: { type: "int32" },
  });
}

/** A separate key for each purpose (a whole number below 2^31). */
export function purposeKey(key: Tensor, purpose: number): Tensor {
  const mask = tf.tensor1d([purpose, 0], "int32");
  return op("BitwiseXor", [key, mask], { T: { type: "int32" } });
}
