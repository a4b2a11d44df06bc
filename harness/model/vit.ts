/**
 * @file `vit-SIZE-P`: the simple vision transformer of Beyer, Zhai & Kolesnikov 2022 (arXiv 2205.01580): fixed
 * positions, mean over tokens instead of a class token, one layer as class head.
 */

import { TRANSFORMER_BLOCKS } from "../../record/architecture.ts";
import { selfAttention } from "../engine/ops/attention.ts";
import { tf } from "../engine/tensorflow.ts";
import { chain, denseLayer, dropoutLayer, layerNormLayer } from "./layers.ts";
import type { ImageShape, Layer, Network, Trunk } from "./network.ts";
import { normedDense, normedPerceptron } from "./token-layers.ts";
import { patchGrid, residual, tokenTrunk } from "./tokens.ts";

/** The hidden layer of a block's MLP is four times as wide as the tokens. */
export interface VitShape {
  width: number;
  depth: number;
  heads: number;
}

const depth = TRANSFORMER_BLOCKS.vit;
export const VIT_SIZES: Readonly<Record<"ti" | "s" | "b", VitShape>> = {
  ti: { width: 192, depth, heads: 3 },
  s: { width: 384, depth, heads: 6 },
  b: { width: 768, depth, heads: 12 },
};

/** Dropout acts after each attention projection and each MLP. For the taps see `tokenTrunk`. */
export function vit(
  net: Network,
  image: ImageShape,
  { patch, width, depth, heads }: VitShape & { patch: number },
  dropout: number,
): Trunk {
  const { cut, size, rows, columns } = patchGrid(image, patch);
  const positions = sinCosPositions(rows, columns, width);
  const project = chain(
    layerNormLayer(net, "embedding/norm1", size),
    denseLayer(net, "embedding/dense", size, width),
    layerNormLayer(net, "embedding/norm2", width),
  );
  const blocks = Array.from({ length: depth }, (_, i) =>
    block(net, `block${i + 1}`, { width, heads, dropout }),
  );
  const embed: Layer = (images, pass) =>
    tf.add(project(cut(images), pass), tf.tensor2d(positions, [rows * columns, width]));
  return tokenTrunk(net, width, embed, blocks);
}

interface BlockOptions {
  width: number;
  heads: number;
  dropout: number;
}

/** [B, tokens, width] -> the same shape; layer norm comes before each of the two branches. */
function block(net: Network, name: string, { width, heads, dropout }: BlockOptions): Layer {
  const attend = chain(
    normedDense(
      net,
      { norm: `${name}/norm1`, dense: `${name}/qkv` },
      { inputs: width, outputs: 3 * width },
      queryScale(width, heads),
    ),
    (qkv) => selfAttention(qkv, heads),
    denseLayer(net, `${name}/projection`, width, width),
    dropoutLayer(dropout),
  );
  const transform = chain(
    normedPerceptron(net, { norm: `${name}/norm2`, mlp: name }, width, 4 * width),
    dropoutLayer(dropout),
  );
  return chain(residual(attend), residual(transform));
}

/** 1/sqrt(C) on the queries, 1 on keys and values: [3 width]. */
const queryScale = (width: number, heads: number): number[] =>
  Array.from({ length: 3 * width }, (_, i) => (i < width ? 1 / Math.sqrt(width / heads) : 1));

/**
 * Fixed positions in reading order, [rows * columns, width]: a quarter of the width each for sin x, cos x, sin y,
 * cos y at wavelengths from 2 pi to 10,000 * 2 pi (section 2 of the paper; `posemb_sincos_2d` of its code).
 */
export function sinCosPositions(rows: number, columns: number, width: number): Float32Array {
  const quarter = width / 4;
  const frequency = (i: number) => 10_000 ** (-i / Math.max(quarter - 1, 1));
  return Float32Array.from({ length: rows * columns * width }, (_, at) => {
    const token = Math.floor(at / width);
    const [x, y] = [token % columns, Math.floor(token / columns)];
    const part = Math.floor((at % width) / quarter);
    const angle = (part < 2 ? x : y) * frequency(at % quarter);
    return part % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}
