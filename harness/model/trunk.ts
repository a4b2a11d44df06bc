/** @file Builds an architecture's trunk, the network below its class head, from its name. */

import type { Architecture } from "../../record/architecture.ts";
import { MIXER_SIZES, mixer } from "./mixer.ts";
import {
  type ImageShape,
  type Network,
  type Trunk,
  batchNormLayer,
  chain,
  convolutionLayer,
  denseLayer,
  dropoutLayer,
  reluLayer,
} from "./network.ts";
import { RESNET_SHAPES, resnet } from "./resnet.ts";
import { VIT_SIZES, vit } from "./vit.ts";
import { wrn } from "./wrn.ts";
import { globalMean, maxPool } from "../engine/ops/activation.ts";
import { tf } from "../engine/tensorflow.ts";

/**
 * Registers the parameters of a trunk; its taps are those of `tapNames` (record/architecture.ts), in that order.
 *
 * @param dropout probability of dropping, 0 for none; method.md section 2 has a table of where it acts.
 * @throws UserError when the image does not divide into the patches the name asks for.
 */
export function buildTrunk(
  net: Network,
  architecture: Architecture,
  image: ImageShape,
  dropout: number,
): Trunk {
  switch (architecture.family) {
    case "custom":
      throw new Error("a custom architecture is built by its own file");
    case "mlp":
      return mlp(net, image, architecture.width, dropout);
    case "cnn":
      return cnn(net, image, architecture.channels, dropout);
    case "vgg":
      return vgg(net, image, VGG_11, dropout);
    case "resnet":
      return resnet(net, image, RESNET_SHAPES[architecture.depth], dropout);
    case "wrn":
      return wrn(net, image, architecture, dropout);
    case "vit":
      return vit(
        net,
        image,
        { ...VIT_SIZES[architecture.size], patch: architecture.patch },
        dropout,
      );
    case "mixer":
      return mixer(
        net,
        image,
        { ...MIXER_SIZES[architecture.size], patch: architecture.patch },
        dropout,
      );
  }
}

/** Taps: each hidden activation, after its dropout. */
export function mlp(net: Network, image: ImageShape, width: number, dropout: number): Trunk {
  const inputs = image.height * image.width * image.channels;
  const hidden = [inputs, width].map((size, i) =>
    chain(denseLayer(net, `dense${i + 1}`, size, width), reluLayer, dropoutLayer(dropout)),
  );
  return {
    tapWidths: [width, width],
    forward(images, pass) {
      let h = tf.reshape(images, [-1, inputs]);
      return hidden.map((layer) => (h = layer(h, pass)));
    },
  };
}

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
