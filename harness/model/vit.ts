/**
 * @file `vit-SIZE-P`: the simple vision transformer of Beyer, Zhai & Kolesnikov 2022 (arXiv 2205.01580): fixed
 * positions, mean over tokens instead of a class token, one layer as class head.
 */

import { TRANSFORMER_BLOCKS } from "../../record/tap-names.ts";
import { type Tensor, fused, op, tf } from "../engine/tensorflow.ts";
import {
  type ImageShape,
  type Layer,
  type Network,
  type Trunk,
  chain,
  denseLayer,
  dropoutLayer,
  layerNormLayer,
} from "./network.ts";
import { normedDense, normedPerceptron, patchGrid, residual, tokenTrunk } from "./token-layers.ts";

/** The hidden layer of a block's MLP is four times as wide as the tokens. */
interface VitShape {
  width: number;
  depth: number;
  heads: number;
}

const depth = TRANSFORMER_BLOCKS.vit;

export const VIT_SIZES: Readonly<Record<"xs" | "ti" | "s" | "b", VitShape>> = {
  /** Ours, so that a transformer fits into a study without a GPU; the others are the field's. */
  xs: { width: 64, depth, heads: 2 },
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

const T = { type: "float32" } as const;

/** a [..., M, K] times b [..., K, N] batch by batch; `adjA`, `adjB` read the last two axes swapped. */
export function batchProduct(a: Tensor, b: Tensor, adjA = false, adjB = false): Tensor {
  return op("BatchMatMulV2", [a, b], { T, adj_x: { bool: adjA }, adj_y: { bool: adjB } });
}

const softmax = (logits: Tensor) => op("Softmax", [logits], { T });

/**
 * q, k, v [B, heads, tokens, C] -> softmax(q k') v, [B, heads, tokens, C].
 *
 * The paper's 1/sqrt(C) is left to the caller, who can fold it into the weights that make q, which are smaller than q.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor): Tensor {
  return fused([q, k, v], ([q, k, v], save) => {
    const p = softmax(batchProduct(q!, k!, false, true));
    save([q!, k!, v!, p]);
    return {
      value: batchProduct(p, v!),
      gradient: (dy, [q, k, v, p]) => {
        const dp = batchProduct(dy, v!, false, true);
        const ds = tf.mul(p!, tf.sub(dp, tf.sum(tf.mul(dp, p!), -1, true)));
        return [batchProduct(ds, k!), batchProduct(ds, q!, true), batchProduct(p!, dy, true)];
      },
    };
  });
}

/**
 * Multi-head self-attention without its linear layers.
 *
 * @param qkv [B, tokens, 3 D]: queries (scaled, see `attention`), keys and values side by side, each cut into
 * `heads` of D/heads.
 * @returns [B, tokens, D], the heads side by side.
 */
export function selfAttention(qkv: Tensor, heads: number): Tensor {
  const [batch, tokens, width] = qkv.shape as [number, number, number];
  const size = width / 3 / heads;
  const parts = tf.transpose(tf.reshape(qkv, [batch, tokens, 3, heads, size]), [2, 0, 3, 1, 4]);
  const [q, k, v] = tf.unstack(parts) as [Tensor, Tensor, Tensor];
  const mixed = tf.transpose(attention(q, k, v), [0, 2, 1, 3]);
  return tf.reshape(mixed, [batch, tokens, width / 3]);
}
