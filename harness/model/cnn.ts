/** @file `cnn-C`: 3x3 convolution, BatchNorm, ReLU at C, 2C, 4C channels, 2x2 max-pool between. */

import { globalMean, maxPool } from "../engine/ops/pool.ts";
import { batchNormLayer, chain, convolutionLayer, dropoutLayer, reluLayer } from "./layers.ts";
import type { ImageShape, Network, Trunk } from "./network.ts";

/** Taps: the spatial mean of each stage; the last, after dropout, is the class head's input. */
export function cnn(net: Network, image: ImageShape, channels: number, dropout: number): Trunk {
  const widths = [channels, 2 * channels, 4 * channels];
  const stages = widths.map((outputs, i) => {
    const inputs = widths[i - 1] ?? image.channels;
    return chain(
      convolutionLayer(net, `conv${i + 1}`, { inputs, outputs }),
      batchNormLayer(net, `norm${i + 1}`, outputs),
      reluLayer,
    );
  });
  const drop = dropoutLayer(dropout);
  return {
    tapWidths: widths,
    forward(images, pass) {
      let h = images;
      const taps = stages.map((stage, i) => {
        h = stage(i ? maxPool(h) : h, pass);
        return globalMean(h);
      });
      return [...taps.slice(0, -1), drop(taps.at(-1)!, pass)];
    },
  };
}
