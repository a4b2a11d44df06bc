/** @file Images as rows of tokens: what vision transformers and mixers share. */

import { globalMean } from "../engine/ops/pool.ts";
import { tf, type Tensor } from "../engine/tensorflow.ts";
import { UserError } from "../errors.ts";
import { layerNormLayer } from "./layers.ts";
import type { ImageShape, Layer, Network, Trunk } from "./network.ts";

export interface PatchGrid {
  rows: number;
  columns: number;
  /** Numbers in a patch. */
  size: number;
  /** [B, H, W, C] -> [B, rows * columns, size], patches in reading order. */
  cut: (images: Tensor) => Tensor;
}

/** @throws UserError when the image does not divide into patches of `side` x `side`. */
export function patchGrid({ height, width, channels }: ImageShape, side: number): PatchGrid {
  if (height % side || width % side)
    throw new UserError(
      `An image of ${height} x ${width} does not divide into patches of ${side} x ${side}. ` +
        `Choose a patch that divides both sides.`,
    );
  const [rows, columns] = [height / side, width / side];
  const size = side * side * channels;
  return {
    rows,
    columns,
    size,
    cut(images) {
      const cells = tf.reshape(images, [-1, rows, side, columns, side, channels]);
      return tf.reshape(tf.transpose(cells, [0, 1, 3, 2, 4, 5]), [-1, rows * columns, size]);
    },
  };
}

/**
 * The trunk of a stack of blocks over tokens. Taps: the mean over tokens after the blocks at 1/4, 1/2 and 3/4 of
 * the depth; the last is the mean of the tokens after a final layer norm.
 *
 * @param embed images -> [B, tokens, width].
 */
export function tokenTrunk(
  net: Network,
  width: number,
  embed: Layer,
  blocks: readonly Layer[],
): Trunk {
  const tapped = new Set([1, 2, 3].map((quarter) => (quarter * blocks.length) / 4));
  const norm = layerNormLayer(net, "norm", width);
  return {
    tapWidths: [width, width, width, width],
    forward(images, pass) {
      let x = embed(images, pass);
      const taps: Tensor[] = [];
      for (const [i, block] of blocks.entries()) {
        x = block(x, pass);
        if (tapped.has(i + 1)) taps.push(globalMean(x));
      }
      return [...taps, globalMean(norm(x, pass))];
    },
  };
}

/** x + branch(x). */
export const residual =
  (branch: Layer): Layer =>
  (x, pass) =>
    tf.add(x, branch(x, pass));
