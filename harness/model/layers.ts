/** @file The layers architectures are built from. Each registers its parameters and returns a pure function. */

import { dropout, relu } from "../engine/ops/activation.ts";
import { conv2d } from "../engine/ops/convolution.ts";
import { dense } from "../engine/ops/dense.ts";
import { layerNorm } from "../engine/ops/layer-norm.ts";
import type { Layer, Network } from "./network.ts";

/** He et al. 2015 (arXiv 1502.01852): standard deviation sqrt(2 / fan), fan counted at the input or the output. */
const he = (fan: number) => ({ deviation: Math.sqrt(2 / fan) });

/** Weights [inputs, outputs], He normal by fan-in, and a zero bias. */
export function denseParameters(net: Network, name: string, inputs: number, outputs: number) {
  return {
    weights: net.parameter(`${name}/weights`, [inputs, outputs], he(inputs)),
    bias: net.parameter(`${name}/bias`, [outputs], { value: 0 }),
  };
}

/** [..., inputs] -> [..., outputs]. */
export function denseLayer(net: Network, name: string, inputs: number, outputs: number): Layer {
  const { weights, bias } = denseParameters(net, name, inputs, outputs);
  return (x, pass) => dense(x, pass.read(weights), pass.read(bias));
}

export interface ConvolutionOptions {
  inputs: number;
  outputs: number;
  /** Side of the square filter. */
  size?: number;
  stride?: number;
  /** Which end He's standard deviation counts. */
  fan?: "in" | "out";
}

/** [B, H, W, inputs] -> [B, H/stride, W/stride, outputs], no bias: a BatchNorm follows or precedes. */
export function convolutionLayer(net: Network, name: string, options: ConvolutionOptions): Layer {
  const { inputs, outputs, size = 3, stride = 1, fan = "in" } = options;
  const initial = he(size * size * (fan === "in" ? inputs : outputs));
  const filter = net.parameter(`${name}/filter`, [size, size, inputs, outputs], initial);
  return (x, pass) => conv2d(x, pass.read(filter), stride);
}

/** [B, H, W, C] -> the same shape; scale starts at 1, shift at 0. */
export function batchNormLayer(net: Network, name: string, channels: number): Layer {
  const gamma = net.parameter(`${name}/gamma`, [channels], { value: 1 });
  const beta = net.parameter(`${name}/beta`, [channels], { value: 0 });
  const statistics = net.runningStatistics(name, channels);
  return (x, pass) => pass.normalise(x, { gamma, beta, statistics });
}

/** Scale, from 1, and shift, from 0. */
export function normParameters(net: Network, name: string, channels: number) {
  return {
    gamma: net.parameter(`${name}/gamma`, [channels], { value: 1 }),
    beta: net.parameter(`${name}/beta`, [channels], { value: 0 }),
  };
}

/** [..., C] -> the same shape, normalised over the last axis. */
export function layerNormLayer(net: Network, name: string, channels: number): Layer {
  const { gamma, beta } = normParameters(net, name, channels);
  return (x, pass) => layerNorm(x, pass.read(gamma), pass.read(beta), pass.layerNormEpsilon);
}

/** Dropout in training, nothing in evaluation or at rate 0. */
export function dropoutLayer(rate: number): Layer {
  return (x, pass) => (rate > 0 && pass.training ? dropout(x, rate, pass.noise(x.shape)) : x);
}

export const reluLayer: Layer = (x) => relu(x);

/** Layers one after the other. */
export const chain = (...layers: readonly Layer[]): Layer => {
  return (x, pass) => layers.reduce((h, layer) => layer(h, pass), x);
};
