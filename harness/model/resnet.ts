/**
 * @file `resnet-18` and `resnet-20`: basic blocks of He et al. 2016 (arXiv 1512.03385), a 3x3 stem without pooling as
 * for CIFAR, 1x1 convolutions with BatchNorm where a shortcut changes shape (their option B).
 */

import { globalMean, relu } from "../engine/ops/activation.ts";
import { tf } from "../engine/tensorflow.ts";
import {
  type ConvolutionOptions,
  type ImageShape,
  type Layer,
  type Network,
  type Trunk,
  batchNormLayer,
  chain,
  convolutionLayer,
  dropoutLayer,
  reluLayer,
} from "./network.ts";

/** Channels of the stages, and basic blocks in each. The stem has the first stage's channels. */
export interface ResnetShape {
  widths: readonly number[];
  blocks: number;
}

/** By depth: the convolutions and the class head. */
export const RESNET_SHAPES: Readonly<Record<18 | 20, ResnetShape>> = {
  18: { widths: [64, 128, 256, 512], blocks: 2 },
  20: { widths: [16, 32, 64], blocks: 3 },
};

/** Taps: spatial means of the stem and of each stage after its last ReLU; the last goes through dropout. */
export function resnet(
  net: Network,
  image: ImageShape,
  { widths, blocks }: ResnetShape,
  dropout: number,
): Trunk {
  const stemWidth = widths[0]!;
  const stem = chain(
    normedConvolution(net, "stem", { inputs: image.channels, outputs: stemWidth }),
    reluLayer,
  );
  const stages = widths.map((outputs, s) =>
    chain(
      ...Array.from({ length: blocks }, (_, b) => {
        const first = b === 0;
        const inputs = first ? (widths[s - 1] ?? stemWidth) : outputs;
        const stride = first && s > 0 ? 2 : 1;
        return basicBlock(net, `stage${s + 1}/block${b + 1}`, { inputs, outputs, stride });
      }),
    ),
  );
  const drop = dropoutLayer(dropout);
  return {
    tapWidths: [stemWidth, ...widths],
    forward(images, pass) {
      let h = images;
      const taps = [stem, ...stages].map((stage) => globalMean((h = stage(h, pass))));
      return [...taps.slice(0, -1), drop(taps.at(-1)!, pass)];
    },
  };
}

type Shape = Required<Pick<ConvolutionOptions, "inputs" | "outputs" | "stride">>;

/** relu(norm(conv(relu(norm(conv x)))) + shortcut x), the stride in the first convolution. */
function basicBlock(net: Network, name: string, shape: Shape): Layer {
  const { inputs, outputs, stride } = shape;
  const branch = chain(
    normedConvolution(net, `${name}/conv1`, shape),
    reluLayer,
    normedConvolution(net, `${name}/conv2`, { inputs: outputs, outputs }),
  );
  const same = inputs === outputs && stride === 1;
  const shortcut = same
    ? chain()
    : normedConvolution(net, `${name}/shortcut`, { ...shape, size: 1 });
  return (x, pass) => relu(tf.add(branch(x, pass), shortcut(x, pass)));
}

function normedConvolution(net: Network, name: string, options: ConvolutionOptions): Layer {
  return chain(
    convolutionLayer(net, name, { fan: "out", ...options }),
    batchNormLayer(net, `${name}/norm`, options.outputs),
  );
}
