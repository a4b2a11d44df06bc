/** @file What is raced: architectures, batch sizes and the ratios they should reach (docs/benchmarks.md). */

export interface Case {
  /** As the rows are called; for all but the small mlp it is the architecture's own name. */
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
