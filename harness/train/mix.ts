/** @file Blending samples: mixup (arXiv 1710.09412) and cutmix (arXiv 1905.04899), with their labels. */

import { op } from "../engine/op.ts";
import { tf, type Tensor } from "../engine/tensorflow.ts";
import { hash32, PURPOSE, uniform } from "../random.ts";
import { betaVariate } from "./beta.ts";

/** Numbers fed for each step: pixel weight, label weight, and the box taken from the partner. */
export const MIX_WIDTH = 6;

/** A batch is mixed with itself in reverse order, which the shuffle makes a random pairing. */
export interface Mix {
  /** Weight of a sample's own label, scalar. */
  weight: Tensor;
  partner(x: Tensor): Tensor;
  /** The label that weighs more. */
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
 * With both regularizers on, each step draws which of the two it uses.
 */
export function mixNumbers(
  { mixup, cutmix }: { mixup: number; cutmix: number },
  image: { height: number; width: number },
  key: number,
  step: number,
): number[] {
  const draw = (i: number) => uniform(key, PURPOSE.mix, step, i);
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
