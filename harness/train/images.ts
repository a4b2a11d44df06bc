/** @file From stored pixels to what the trunk sees: gathered, normalised, augmented, all inside the graph. */

import { op, type Attributes } from "../engine/op.ts";
import { purposeKey, uniform } from "../engine/ops/random.ts";
import { tf, type Tensor } from "../engine/tensorflow.ts";
import { PURPOSE } from "../random.ts";
import type { Plan } from "./plan.ts";

/** Rows of a table [N, ...] of any type: [B, ...]. */
export function gatherRows(table: Tensor, rows: Tensor, type: "float32" | "int32" | "uint8") {
  return gather(table, rows, 0, 0, type);
}

function gather(
  from: Tensor,
  indices: Tensor,
  axis: number,
  batchDims: number,
  type: "float32" | "int32" | "uint8",
): Tensor {
  const attributes: Attributes = {
    Tparams: { type },
    Tindices: { type: "int32" },
    Taxis: { type: "int32" },
    batch_dims: { int: batchDims },
  };
  return op("GatherV2", [from, indices, tf.scalar(axis, "int32")], attributes);
}

/** uint8 [B, H, W, C] -> (pixel/255 - mean)/std per channel, float32. */
export function normalise(pixels: Tensor, { mean, std }: { mean: number[]; std: number[] }) {
  const [batch, height, width] = pixels.shape as [number, number, number];
  const cast: Attributes = {
    SrcT: { type: "uint8" },
    DstT: { type: "float32" },
    Truncate: { bool: false },
  };
  // Constants as long as a row of the image: over the three channels alone nothing is vectorised.
  const everywhere = (perChannel: number[]) => tf.tile(tf.tensor1d(perChannel), [width]);
  const scale = everywhere(std.map((s) => 1 / (255 * s)));
  const shift = everywhere(mean.map((m, i) => -m / std[i]!));
  const rows = tf.reshape(op("Cast", [pixels], cast), [batch * height, -1]);
  return tf.reshape(tf.add(tf.mul(rows, scale), shift), pixels.shape);
}

/** Flip, crop and cutout as the plan says. @param key int32 [2], fresh at each step. */
export function augment(images: Tensor, plan: Plan, key: Tensor): Tensor {
  const { augmentation, cutoutProbability } = plan.protocol;
  let x = images;
  // A resized crop happens where images are decoded; only `flip-crop` is the graph's.
  if (plan.regularizers.augment && augmentation.kind === "flip-crop")
    x = flipAndCrop(x, augmentation, key);
  if (plan.regularizers.cutout > 0) x = cutout(x, plan.regularizers.cutout, cutoutProbability, key);
  return x;
}

/** Whole numbers uniform on 0..count-1, [B]. */
function integers(batch: number, count: number, key: Tensor): Tensor {
  const real = tf.mul(uniform([batch], key), count);
  return tf.minimum(tf.cast(tf.floor(real), "int32"), tf.scalar(count - 1, "int32"));
}

/** Mirror with probability `flip`, then a random window of the image padded with zeros. */
function flipAndCrop(x: Tensor, { flip, pad }: { flip: number; pad: number }, key: Tensor): Tensor {
  const [batch, height, width] = x.shape as [number, number, number];
  const padded = tf.pad(x, [
    [0, 0],
    [pad, pad],
    [pad, pad],
    [0, 0],
  ]);
  const top = integers(batch, 2 * pad + 1, purposeKey(key, PURPOSE.crop));
  const left = integers(batch, 2 * pad + 1, purposeKey(key, PURPOSE.crop + 100));
  const mirrored = tf.less(uniform([batch, 1], purposeKey(key, PURPOSE.flip)), flip);
  const across = tf.range(0, width, 1, "int32");
  const column = tf.where(mirrored, tf.sub(tf.scalar(width - 1, "int32"), across), across);
  const rows = tf.add(tf.reshape(top, [batch, 1]), tf.range(0, height, 1, "int32"));
  const columns = tf.add(tf.reshape(left, [batch, 1]), column);
  return gather(gather(padded, rows, 1, 1, "float32"), columns, 2, 1, "float32");
}

/** Zeroes a square around a uniform centre with the given probability (arXiv 1708.04552), clipped at the edge. */
function cutout(x: Tensor, size: number, probability: number, key: Tensor): Tensor {
  const [batch, height, width] = x.shape as [number, number, number];
  const cut = tf.less(uniform([batch, 1, 1, 1], purposeKey(key, PURPOSE.cutout)), probability);
  const near = (length: number, axis: 1 | 2, purpose: number) => {
    const centre = tf.reshape(integers(batch, length, purposeKey(key, purpose)), [batch, 1, 1, 1]);
    const places = tf.reshape(
      tf.range(0, length, 1, "int32"),
      axis === 1 ? [1, length, 1, 1] : [1, 1, length, 1],
    );
    const from = tf.sub(centre, Math.floor(size / 2));
    const inside = tf.greaterEqual(places, from);
    return tf.logicalAnd(inside, tf.less(places, tf.add(from, size)));
  };
  const hole = tf.logicalAnd(
    cut,
    tf.logicalAnd(near(height, 1, PURPOSE.cutout + 100), near(width, 2, PURPOSE.cutout + 200)),
  );
  return tf.mul(x, tf.cast(tf.logicalNot(hole), "float32"));
}
