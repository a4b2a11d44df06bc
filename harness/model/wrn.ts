/** @file `wrn-D-K`: wide residual networks (Zagoruyko & Komodakis 2016, arXiv 1605.07146), pre-activation. */

import { globalMean } from "../engine/ops/activation.ts";
import { type Tensor, tf } from "../engine/tensorflow.ts";
import {
  type ImageShape,
  type Layer,
  type Network,
  type ForwardPass,
  type Trunk,
  batchNormLayer,
  chain,
  convolutionLayer,
  dropoutLayer,
  reluLayer,
} from "./network.ts";

const STEM = 16;

/**
 * Taps: the spatial mean of each group's output after the BatchNorm and ReLU that follow it. For all but the last
 * group these are the ones that the next group's first block starts with, computed once.
 *
 * @param shape `depth` = 6 k + 4 for k blocks in a group, `widen` times 16, 32, 64 channels.
 */
export function wrn(
  net: Network,
  image: ImageShape,
  { depth, widen }: { depth: number; widen: number },
  dropout: number,
): Trunk {
  const options = { inputs: image.channels, outputs: STEM, fan: "out" } as const;
  const stem = convolutionLayer(net, "stem", options);
  const widths = [1, 2, 4].map((times) => STEM * times * widen);
  const groups = widths.map((outputs, g) =>
    Array.from({ length: (depth - 4) / 6 }, (_, b) => {
      const inputs = b > 0 ? outputs : (widths[g - 1] ?? STEM);
      const stride = b === 0 && g > 0 ? 2 : 1;
      return block(net, `group${g + 1}/block${b + 1}`, { inputs, outputs, stride, dropout });
    }),
  );
  const end = normedRelu(net, "norm", widths.at(-1)!);
  return {
    tapWidths: widths,
    forward(images, pass) {
      let x = stem(images, pass);
      const taps: Tensor[] = [];
      for (const [g, blocks] of groups.entries())
        for (const [b, { activate, transform }] of blocks.entries()) {
          const active = activate(x, pass);
          if (b === 0 && g > 0) taps.push(globalMean(active));
          x = transform(x, active, pass);
        }
      return [...taps, globalMean(end(x, pass))];
    },
  };
}

interface Block {
  /** BatchNorm and ReLU before the block. */
  activate: Layer;
  /** @param active `activate(x)`. */
  transform: (x: Tensor, active: Tensor, pass: ForwardPass) => Tensor;
}

interface BlockOptions {
  inputs: number;
  outputs: number;
  stride: number;
  dropout: number;
}

/** Where the shape changes, the shortcut is a 1x1 convolution of the activated input; elsewhere x itself. */
function block(net: Network, name: string, options: BlockOptions): Block {
  const { inputs, outputs, stride, dropout } = options;
  const fan = "out";
  const activate = normedRelu(net, `${name}/norm1`, inputs);
  const branch = chain(
    convolutionLayer(net, `${name}/conv1`, { inputs, outputs, stride, fan }),
    normedRelu(net, `${name}/norm2`, outputs),
    dropoutLayer(dropout),
    convolutionLayer(net, `${name}/conv2`, { inputs: outputs, outputs, fan }),
  );
  const same = inputs === outputs && stride === 1;
  const projection = same
    ? null
    : convolutionLayer(net, `${name}/shortcut`, { inputs, outputs, stride, fan, size: 1 });
  return {
    activate,
    transform: (x, active, pass) =>
      tf.add(branch(active, pass), projection ? projection(active, pass) : x),
  };
}

const normedRelu = (net: Network, name: string, channels: number): Layer =>
  chain(batchNormLayer(net, name, channels), reluLayer);
