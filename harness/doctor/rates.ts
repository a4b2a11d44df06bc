/** @file How fast this machine multiplies and convolves, through the same recorded graph that trains. */

import { conv2d, product } from "../engine/ops/activation.ts";
import { normal } from "../engine/ops/random.ts";
import { Program } from "../engine/program.ts";
import { recordProgram } from "../engine/recorded-session.ts";
import { type Tensor, tf } from "../engine/tensorflow.ts";

interface Work {
  /** Shapes of what flows through the chain, and of what it meets at each link. */
  input: number[];
  weights: number[];
  apply: (x: Tensor, weights: Tensor) => Tensor;
  /** Of one application, a multiplication and an addition counted as two. */
  flops: number;
  /** Terms in each sum: random weights over its root keep the values' size. */
  terms: number;
}

const WORKS: Record<"matmul" | "convolution", Work> = {
  /** 1024 x 1024 matrices. */
  matmul: {
    input: [1024, 1024],
    weights: [1024, 1024],
    apply: (x, weights) => product(x, weights),
    flops: 2 * 1024 ** 3,
    terms: 1024,
  },
  /** 3x3, 64 to 64 channels, 32 images of 32 x 32. */
  convolution: {
    input: [32, 32, 32, 64],
    weights: [3, 3, 64, 64],
    apply: (x, weights) => conv2d(x, weights),
    flops: 2 * 32 * 32 ** 2 * 9 * 64 ** 2,
    terms: 9 * 64,
  },
};

/** Applications in one call, each waiting for the one before: the cost of a call does not count. */
const CHAIN = 8;
const LEAST_CALLS = 3;
const MILLISECONDS = 1000;

/** GFLOP/s, the median call. */
export function measureRate(work: keyof typeof WORKS): number {
  const { input, weights, apply, flops, terms } = WORKS[work];
  const program = new Program();
  const [x, w] = [program.variable("x", input), program.variable("weights", weights)];
  program.define("fill", { key: { shape: [2], dtype: "int32" } }, ({ key }, scope) => {
    scope.assign(x, normal(input, key!));
    scope.assign(w, tf.mul(normal(weights, key!), 1 / Math.sqrt(terms)));
    return {};
  });
  program.define("apply", {}, (_, scope) => {
    let y = scope.read(x);
    for (let i = 0; i < CHAIN; i++) y = apply(y, scope.read(w));
    return { sum: tf.sum(y) };
  });
  const session = recordProgram(program);
  try {
    session.run("fill", { key: Int32Array.of(1, 2) });
    session.run("apply"); // optimises the graph
    return (CHAIN * flops) / medianSeconds(() => session.run("apply")) / 1e9;
  } finally {
    session.close();
  }
}

function medianSeconds(call: () => unknown): number {
  const seconds: number[] = [];
  const begun = performance.now();
  while (seconds.length < LEAST_CALLS || performance.now() - begun < MILLISECONDS) {
    const start = performance.now();
    call();
    seconds.push((performance.now() - start) / 1000);
  }
  return seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)]!;
}
