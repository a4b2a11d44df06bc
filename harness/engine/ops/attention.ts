/** @file Scaled dot-product attention (Vaswani et al. 2017, arXiv 1706.03762, equation 1). */

import { op } from "../op.ts";
import { tf, type Tensor } from "../tensorflow.ts";
import { fused } from "./gradient.ts";

const T = { type: "float32" } as const;

/** a [..., M, K] times b [..., K, N] batch by batch; `adjA`, `adjB` read the last two axes swapped. */
export function batchProduct(a: Tensor, b: Tensor, adjA = false, adjB = false): Tensor {
  return op("BatchMatMulV2", [a, b], { T, adj_x: { bool: adjA }, adj_y: { bool: adjB } });
}

const softmax = (logits: Tensor) => op("Softmax", [logits], { T });

/**
 * q, k, v [B, heads, tokens, C] -> softmax(q k') v, [B, heads, tokens, C].
 *
 * The paper's 1/sqrt(C) is the caller's: it belongs into the weights that make q, which are smaller than q.
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
