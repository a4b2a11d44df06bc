/**
 * @file `vgg-11`: configuration A of Simonyan & Zisserman 2015 (arXiv 1409.1556, table 1) with BatchNorm, the spatial
 * mean in place of its hidden dense layers.
 */

import { globalMean, maxPool } from "../engine/ops/pool.ts";
import { batchNormLayer, chain, convolutionLayer, dropoutLayer, reluLayer } from "./layers.ts";
import type { ImageShape, Network, Trunk } from "./network.ts";

/** Channels of the convolutions of each stage; a 2x2 max-pool ends every stage. */
export const VGG_11: readonly (readonly number[])[] = [
  [64],
  [128],
  [256, 256],
  [512, 512],
  [512, 512],
];

/** Taps: the spatial mean of each stage after its pool; the last, after dropout, is the class head's input. */
export function vgg(
  net: Network,
  image: ImageShape,
  stages: readonly (readonly number[])[],
  dropout: number,
): Trunk {
  let inputs = image.channels;
  const layers = stages.map((widths, s) =>
    chain(
      ...widths.flatMap((outputs, i) => {
        const name = `stage${s + 1}/conv${i + 1}`;
        const convolution = convolutionLayer(net, name, { inputs, outputs });
        inputs = outputs;
        const norm = batchNormLayer(net, `${name}/norm`, outputs);
        // A maximum and ReLU commute, and after the pool there is a quarter of the work.
        const end = i === widths.length - 1 ? [maxPool, reluLayer] : [reluLayer];
        return [convolution, norm, ...end];
      }),
    ),
  );
  const drop = dropoutLayer(dropout);
  return {
    tapWidths: stages.map((widths) => widths.at(-1)!),
    forward(images, pass) {
      let h = images;
      const taps = layers.map((stage) => globalMean((h = stage(h, pass))));
      return [...taps.slice(0, -1), drop(taps.at(-1)!, pass)];
    },
  };
}
