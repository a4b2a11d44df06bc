/** @file `mixer-S-P`: MLP-Mixer (Tolstikhin et al. 2021, arXiv 2105.01601, table 1, S). */

import { TRANSFORMER_BLOCKS } from "../../record/tap-names.ts";
import { tf } from "../engine/tensorflow.ts";
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
import { normedPerceptron, patchGrid, perceptron, residual, tokenTrunk } from "./token-layers.ts";

export interface MixerShape {
  width: number;
  depth: number;
  /** Hidden width of the MLP over tokens, and of the one over channels. */
  tokenHidden: number;
  channelHidden: number;
}

export const MIXER_SIZES: Readonly<Record<"s", MixerShape>> = {
  s: { width: 512, depth: TRANSFORMER_BLOCKS.mixer, tokenHidden: 256, channelHidden: 2048 },
};

/** Dropout acts after each MLP, over tokens and over channels. For the taps see `tokenTrunk`. */
export function mixer(
  net: Network,
  image: ImageShape,
  shape: MixerShape & { patch: number },
  dropout: number,
): Trunk {
  const { width, depth, tokenHidden, channelHidden, patch } = shape;
  const { cut, size, rows, columns } = patchGrid(image, patch);
  const embed = chain(cut, denseLayer(net, "embedding", size, width));
  const swap: Layer = (x) => tf.transpose(x, [0, 2, 1]);
  const blocks = Array.from({ length: depth }, (_, i) => {
    const name = `block${i + 1}`;
    const mixTokens = chain(
      layerNormLayer(net, `${name}/norm1`, width),
      swap,
      perceptron(net, `${name}/tokens`, rows * columns, tokenHidden),
      swap,
      dropoutLayer(dropout),
    );
    const mixChannels = chain(
      normedPerceptron(
        net,
        { norm: `${name}/norm2`, mlp: `${name}/channels` },
        width,
        channelHidden,
      ),
      dropoutLayer(dropout),
    );
    return chain(residual(mixTokens), residual(mixChannels));
  });
  return tokenTrunk(net, width, embed, blocks);
}
