/** @file How fast this machine multiplies and convolves, through the same recorded graph that trains. */

import { conv2d } from "../engine/ops/convolution.ts";
import { product } from "../engine/ops/dense.ts";
import { Program, type Scope } from "../engine/program.ts";
import { recordProgram } from "../engine/recorded-session.ts";
import { tf, type Tensor } from "../engine/tensorflow.ts";

const SIDE = 1024;
const BATCH = 32;
const IMAGE = 32;
const CHANNELS = 64;
/** Operations in one call, each waiting for the one before. */
const CHAIN = 4;
const ROUNDS = 9;

/** GFLOP/s, medians: SIDE x SIDE matrices; 3x3 convolutions, 64 to 64 channels, on 32 x 32 x 32 images. */
export function measureRates(): { gemm: number; convolution: number } {
  const gemm = rate([SIDE, SIDE], [SIDE, SIDE], (x, w) => product(x, w), 2 * SIDE ** 3);
  const convolution = rate(
    [BATCH, IMAGE, IMAGE, CHANNELS],
    [3, 3, CHANNELS, CHANNELS],
    (x, w) => conv2d(x, w),
    2 * BATCH * IMAGE ** 2 * 9 * CHANNELS ** 2,
  );
  return { gemm, convolution };
}

function rate(
  inputs: number[],
  weights: number[],
  apply: (x: Tensor, w: Tensor) => Tensor,
  flops: number,
): number {
  const program = new Program();
  const [x, w] = [program.variable("x", inputs), program.variable("w", weights)];
  const fill = (scope: Scope) => {
    scope.assign(x, tf.fill(inputs, 0.01));
    scope.assign(w, tf.fill(weights, 0.01));
    return {};
  };
  program.define("fill", {}, (_, scope) => fill(scope));
  program.define("apply", {}, (_, scope) => {
    let y = scope.read(x);
    for (let i = 0; i < CHAIN; i++) y = apply(y, scope.read(w));
    return { sum: tf.sum(y) };
  });
  const session = recordProgram(program);
  session.run("fill");
  const seconds = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    session.run("apply");
    return (performance.now() - start) / 1000;
  }).sort((a, b) => a - b);
  session.close();
  return (CHAIN * flops) / seconds[Math.floor(ROUNDS / 2)]! / 1e9;
}
