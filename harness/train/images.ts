/** @file From stored pixels to the trunk's input: gathered, normalized and augmented, all inside the graph. */

import { type Attributes, type Tensor, op, tf } from "../engine/tensorflow.ts";
import { purposeKey, uniform } from "../engine/ops/graph-random.ts";
import { PURPOSE, hash32, uniformNumber } from "../../record/random.ts";
import type { TrainingPlan } from "./plan.ts";

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

/** [B, H, W, C] -> (value - mean)/std per channel, float32; the value of a uint8 is its share of 255. */
export function normalise(pixels: Tensor, { mean, std }: { mean: number[]; std: number[] }) {
  const [batch, height, width] = pixels.shape as [number, number, number];
  if (pixels.dtype === "float32")
    return tf.div(tf.sub(pixels, tf.tensor1d(mean)), tf.tensor1d(std));
  const cast: Attributes = {
    SrcT: { type: "uint8" },
    DstT: { type: "float32" },
    Truncate: { bool: false },
  };
  // Constants as long as a row of the image, because an operation over three channels is not vectorized.
  const everywhere = (perChannel: number[]) => tf.tile(tf.tensor1d(perChannel), [width]);
  const scale = everywhere(std.map((s) => 1 / (255 * s)));
  const shift = everywhere(mean.map((m, i) => -m / std[i]!));
  const rows = tf.reshape(op("Cast", [pixels], cast), [batch * height, -1]);
  return tf.reshape(tf.add(tf.mul(rows, scale), shift), pixels.shape);
}

/** Flip, crop and cutout by the plan. @param key int32 [2], fresh at each step. */
export function augment(images: Tensor, plan: TrainingPlan, key: Tensor): Tensor {
  const { augmentation, cutoutProbability } = plan.protocol;
  let x = images;
  // A resized crop is made where images are decoded; only `flip-crop` is part of the graph.
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
    const positions = tf.reshape(
      tf.range(0, length, 1, "int32"),
      axis === 1 ? [1, length, 1, 1] : [1, 1, length, 1],
    );
    const from = tf.sub(centre, Math.floor(size / 2));
    const inside = tf.greaterEqual(positions, from);
    return tf.logicalAnd(inside, tf.less(positions, tf.add(from, size)));
  };
  const hole = tf.logicalAnd(
    cut,
    tf.logicalAnd(near(height, 1, PURPOSE.cutout + 100), near(width, 2, PURPOSE.cutout + 200)),
  );
  return tf.mul(x, tf.cast(tf.logicalNot(hole), "float32"));
}

/** Marsaglia & Tsang 2000, "A simple method for generating gamma variables", with their boost for shape < 1. */
function gammaVariate(shape: number, next: () => number): number {
  if (shape < 1) return gammaVariate(shape + 1, next) * next() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()); // Box & Muller 1958
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(next()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A Beta(alpha, alpha) variate in [0, 1], a function of alpha and key alone. */
export function betaVariate(alpha: number, key: number): number {
  let i = 0;
  const next = () => uniformNumber(key, i++) || 2 ** -33; // never zero: it goes into a logarithm
  const [a, b] = [gammaVariate(alpha, next), gammaVariate(alpha, next)];
  return a + b > 0 ? a / (a + b) : 0.5;
}

/** Numbers fed for each step: pixel weight, label weight, and the box that is taken from the partner. */
export const MIX_WIDTH = 6;

/** A batch is mixed with itself in reverse order, which the shuffle makes a random pairing. */
export interface Mix {
  /** Weight of a sample's own label, scalar. */
  weight: Tensor;
  partner(x: Tensor): Tensor;
  /** The label with the larger weight. */
  heavier(labels: Tensor): Tensor;
}

const reverse = (x: Tensor) =>
  op("ReverseV2", [x, tf.tensor1d([0], "int32")], {
    T: { type: x.dtype === "float32" ? "float32" : "int32" },
    Tidx: { type: "int32" },
  });

/** @param numbers float32 [MIX_WIDTH] as `mixNumbers` makes them. */
export function readMix(numbers: Tensor): Mix {
  const weight = tf.reshape(tf.slice(numbers, [1], [1]), []);
  const ownIsHeavier = tf.greaterEqual(weight, 0.5);
  return {
    weight,
    partner: reverse,
    heavier: (labels) => tf.where(ownIsHeavier, labels, reverse(labels)),
  };
}

/** images [B, H, W, C]: blended with the partner outside the box, the partner inside it. */
export function mixImages(images: Tensor, numbers: Tensor): Tensor {
  const [blend, , top, bottom, left, right] = tf.split<Tensor>(numbers, MIX_WIDTH);
  const [, height, width] = images.shape as [number, number, number];
  const rows = tf.reshape(tf.range(0, height), [height, 1]);
  const columns = tf.reshape(tf.range(0, width), [1, width]);
  const inside = tf.logicalAnd(
    tf.logicalAnd(tf.greaterEqual(rows, top!), tf.less(rows, bottom!)),
    tf.logicalAnd(tf.greaterEqual(columns, left!), tf.less(columns, right!)),
  );
  const own = tf.mul(tf.sub(1, tf.cast(inside, "float32")), blend!);
  const share = tf.reshape(own, [1, height, width, 1]);
  return tf.add(tf.mul(images, share), tf.mul(reverse(images), tf.sub(1, share)));
}

/** Rows' loss and gradient under mixed labels: weight * own + (1 - weight) * partner's. */
export function mixLoss(
  labels: Tensor,
  mix: Mix | null,
  rows: (labels: Tensor) => [Tensor, Tensor],
): [loss: Tensor, gradient: Tensor] {
  if (!mix) return rows(labels);
  const own = rows(labels);
  const other = rows(mix.partner(labels));
  const rest = tf.sub(1, mix.weight);
  const blend = (i: 0 | 1) => tf.add(tf.mul(own[i], mix.weight), tf.mul(other[i], rest));
  return [blend(0), blend(1)];
}

/**
 * The numbers of one step, a function of key and step alone.
 *
 * With both regularizers on, each step draws one of the two at random.
 */
export function mixNumbers(
  { mixup, cutmix }: { mixup: number; cutmix: number },
  image: { height: number; width: number },
  key: number,
  step: number,
): number[] {
  const draw = (i: number) => uniformNumber(key, PURPOSE.mix, step, i);
  const cut = cutmix > 0 && (mixup === 0 || draw(0) < 0.5);
  const lambda = betaVariate(cut ? cutmix : mixup, hash32(key, PURPOSE.mix, step, 1));
  if (!cut) return [lambda, lambda, 0, 0, 0, 0];
  const side = Math.sqrt(1 - lambda);
  const [top, bottom] = span(image.height, side, draw(2));
  const [left, right] = span(image.width, side, draw(3));
  const area = ((bottom - top) * (right - left)) / (image.height * image.width);
  return [1, 1 - area, top, bottom, left, right];
}

/** A stretch of `share` of the length around a uniform centre, clipped at the ends. */
function span(length: number, share: number, centre: number): [number, number] {
  const middle = Math.floor(centre * length);
  const half = Math.floor((length * share) / 2);
  return [Math.max(0, middle - half), Math.min(length, middle + half)];
}
