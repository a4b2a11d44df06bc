/**
 * @file `rademark/network`: all that an architecture or a regularizer from a file of one's own may import
 * (docs/your-network.md). The layers are those of the built-in networks; `tf` has the operations below them.
 */

import { scaledGelu } from "../engine/ops/activation.ts";
import { type Tensor, tf } from "../engine/tensorflow.ts";
import type { ForwardPass, ImageShape, Network, Trunk } from "./network.ts";

export {
  type ConvolutionOptions,
  type ForwardPass,
  type ImageShape,
  type Initial,
  type Layer,
  type Network,
  type Parameter,
  type Trunk,
  batchNormLayer,
  chain,
  convolutionLayer,
  denseLayer,
  dropoutLayer,
  layerNormLayer,
  reluLayer,
} from "./network.ts";
export { patchGrid, residual } from "./token-layers.ts";
export { attention, selfAttention } from "./vit.ts";
export { conv2d, dense, dropout, globalMean, maxPool, relu } from "../engine/ops/activation.ts";
export { type Tensor, detach, tf } from "../engine/tensorflow.ts";

/** x Phi(x) (Hendrycks & Gimpel 2016, arXiv 1606.08415), any shape. */
export function gelu(x: Tensor): Tensor {
  return tf.mul(scaledGelu(tf.mul(x, Math.SQRT1_2)), Math.SQRT1_2);
}

/**
 * What the file of an architecture exports by default, beside `taps`, the names of its taps in order of depth. It makes
 * all parameters; only `forward` computes.
 */
export type BuildTrunk = (
  net: Network,
  image: ImageShape,
  /** `dropout`: what `dropout=` says, 0 without it. */
  options: { readonly dropout: number },
) => Trunk;

/** What the file of a regularizer exports by default: a float32 scalar, to be made small. */
export type ExtraLoss = (inputs: ExtraLossInputs) => Tensor;

/** One training batch, as trunk and class head see it: after augmentation and mixing, with dropout. */
export interface ExtraLossInputs {
  /** z_1..z_T, [B, D_t] each, in order of depth; the last is the class head's input. */
  readonly taps: readonly Tensor[];
  /** Every parameter of the trunk, then `class-head/weights` [D_T, N] and `class-head/bias` [N]. */
  readonly weights: readonly { readonly name: string; readonly value: Tensor }[];
  /** Of the class head, [B, N]. */
  readonly logits: Tensor;
  /** Shares of the classes, [B, N]: one-hot, or mixed like the images. Without label smoothing. */
  readonly targets: Tensor;
  /** Uniform on [0, 1), fresh at every call and step, the same in a repeated run. */
  noise: ForwardPass["noise"];
}
