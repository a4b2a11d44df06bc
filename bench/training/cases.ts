/** @file What is raced: architectures, batch sizes and the ratios they should reach (docs/benchmarks.md). */

import { type Architecture, parseArchitecture } from "../../record/architecture.ts";

export interface Case {
  /** Name of the row; for all but the small mlp it is the architecture's own name. */
  readonly name: string;
  readonly arch: string;
  readonly batch: number;
  readonly image: { readonly height: number; readonly width: number; readonly channels: number };
  /** Least ratio to the faster of PyTorch eager and compiled. */
  readonly goal: number;
}

const CIFAR = { height: 32, width: 32, channels: 3 };

export const CASES: readonly Case[] = [
  { name: "wrn-16-4", arch: "wrn-16-4", batch: 64, image: CIFAR, goal: 1.15 },
  { name: "wrn-16-1", arch: "wrn-16-1", batch: 128, image: CIFAR, goal: 1.3 },
  { name: "cnn-32", arch: "cnn-32", batch: 128, image: CIFAR, goal: 1.3 },
  { name: "mlp-512", arch: "mlp-512", batch: 128, image: CIFAR, goal: 1.2 },
  { name: "vit-ti-4", arch: "vit-ti-4", batch: 64, image: CIFAR, goal: 1.2 },
  {
    // 64 inputs, two hidden layers of 32: nothing but the cost of a call.
    name: "mlp-64-32-32",
    arch: "mlp-32",
    batch: 128,
    image: { height: 8, width: 8, channels: 1 },
    goal: 1,
  },
];

/** Least share of the speed of TensorFlow's own tf.function. */
export const CEILING_GOAL = 0.95;

/** Class head and the one random-label head. */
const LOGITS = 10 + 100;

/**
 * Operations for one image, forward and backward: a multiply-add is two, every layer is passed three times (value,
 * gradient by input, gradient by weights) but the first, whose input needs no gradient. Element-wise work is
 * not counted.
 */
export function stepFlops({ arch, image }: Pick<Case, "arch" | "image">): number {
  const [first, ...rest] = layers(parseArchitecture(arch), image);
  return 2 * (2 * first! + 3 * rest.reduce((a, b) => a + b, 0));
}

/** Multiply-adds of each layer for one image, in order. */
function layers(arch: Architecture, image: Case["image"]): number[] {
  const { height: side, channels } = image;
  switch (arch.family) {
    case "mlp":
      return [side * side * channels * arch.width, arch.width ** 2, arch.width * LOGITS];
    case "cnn":
      return cnnLayers(arch.channels, side, channels);
    case "wrn":
      return wrnLayers(arch.depth, arch.widen, side, channels);
    case "vit":
      return vitLayers(arch.patch, side, channels);
    case "custom":
    case "vgg":
    case "resnet":
    case "mixer":
      throw new Error(`no operations counted for ${arch.family}`);
  }
}

/** A convolution whose output is `side` square. */
const conv = (side: number, inputs: number, outputs: number, size = 3) =>
  side ** 2 * inputs * outputs * size ** 2;

function cnnLayers(c: number, side: number, channels: number): number[] {
  const stages = [conv(side, channels, c), conv(side / 2, c, 2 * c), conv(side / 4, 2 * c, 4 * c)];
  return [...stages, 4 * c * LOGITS];
}

function wrnLayers(depth: number, widen: number, side: number, channels: number): number[] {
  const counted = [conv(side, channels, 16)];
  let inputs = 16;
  for (const [group, factor] of [1, 2, 4].entries())
    for (let block = 0; block < (depth - 4) / 6; block++) {
      const [outputs, at] = [16 * widen * factor, side / 2 ** group];
      counted.push(conv(at, inputs, outputs), conv(at, outputs, outputs));
      if (inputs !== outputs) counted.push(conv(at, inputs, outputs, 1));
      inputs = outputs;
    }
  return [...counted, inputs * LOGITS];
}

/** Width 192, depth 12. */
function vitLayers(patch: number, side: number, channels: number): number[] {
  const [width, depth, tokens] = [192, 12, (side / patch) ** 2];
  const block = tokens * 12 * width ** 2 + 2 * tokens ** 2 * width;
  return [tokens * patch ** 2 * channels * width, depth * block, width * LOGITS];
}
