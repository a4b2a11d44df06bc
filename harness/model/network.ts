/** @file What a network is made of: parameters with their initialization, and pure functions over them. */

import type { Program, Variable } from "../engine/program.ts";
import type { Tensor } from "../engine/tensorflow.ts";
import { conv2d, dense, dropout, relu } from "../engine/ops/activation.ts";
import { layerNorm } from "../engine/ops/batch-norm.ts";

/** How a parameter starts: independent normal values of this standard deviation, or one constant. */
export type Initial = { deviation: number } | { value: number };

export interface Parameter {
  readonly variable: Variable;
  readonly initial: Initial;
}

/** Running mean and variance of a BatchNorm layer, [C] each. */
interface Statistics {
  readonly mean: Variable;
  readonly variance: Variable;
}

/** A BatchNorm layer, [C] each. */
export interface BatchNorm {
  gamma: Variable;
  beta: Variable;
  statistics: Statistics;
}

/** How one forward pass runs. Layers take everything that can differ between passes from here. */
export interface ForwardPass {
  readonly training: boolean;
  readonly layerNormEpsilon: number;
  /** A parameter's value; the second pass of sharpness-aware training gives perturbed ones. */
  read: (variable: Variable) => Tensor;
  /** Uniform noise on [0, 1), fresh at every call, the same in a repeated run. */
  noise(shape: readonly number[]): Tensor;
  /** BatchNorm by the rule of this pass: batch statistics in training, running ones in evaluation. */
  normalise(x: Tensor, layer: BatchNorm): Tensor;
}

/** [B, ...] -> [B, ...]. */
export type Layer = (x: Tensor, pass: ForwardPass) => Tensor;

/** Collects a network's variables under a prefix while layers are made. */
export class Network {
  readonly parameters: Parameter[] = [];
  readonly statistics: Statistics[] = [];
  readonly batchNorms: BatchNorm[] = [];
  /** Running quantities that are neither trained nor reset, zero at the start. */
  readonly states: Variable[] = [];
  readonly #program: Program;
  readonly #prefix: string;

  constructor(program: Program, prefix: string) {
    this.#program = program;
    this.#prefix = prefix;
  }

  parameter(name: string, shape: readonly number[], initial: Initial): Variable {
    const variable = this.#program.variable(`${this.#prefix}/${name}`, shape);
    this.parameters.push({ variable, initial });
    return variable;
  }

  state(name: string, shape: readonly number[]): Variable {
    const variable = this.#program.variable(`${this.#prefix}/${name}`, shape);
    this.states.push(variable);
    return variable;
  }

  /** Running statistics of `channels` channels. */
  runningStatistics(name: string, channels: number): Statistics {
    const make = (part: string) =>
      this.#program.variable(`${this.#prefix}/${name}/${part}`, [channels]);
    const statistics = { mean: make("running-mean"), variance: make("running-variance") };
    this.statistics.push(statistics);
    return statistics;
  }

  /** Number of trainable scalars so far. */
  get size(): number {
    return this.parameters.reduce(
      (sum, { variable }) => sum + variable.shape.reduce((a, b) => a * b, 1),
      0,
    );
  }
}

/** The part of a network below the class head: images -> taps z_1..z_T, z_t [B, D_t], in order of depth. */
export interface Trunk {
  readonly tapWidths: readonly number[];
  forward(images: Tensor, pass: ForwardPass): Tensor[];
}

/** Height, width and channels of an image. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** He et al. 2015 (arXiv 1502.01852): standard deviation sqrt(2 / fan), with the fan-in or the fan-out. */
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
  /** Whether He's standard deviation uses the fan-in or the fan-out. */
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
  const norm = { gamma, beta, statistics: net.runningStatistics(name, channels) };
  net.batchNorms.push(norm);
  return (x, pass) => pass.normalise(x, norm);
}

/** Scale, initially 1, and shift, initially 0. */
export function normParameters(net: Network, name: string, channels: number) {
  return {
    gamma: net.parameter(`${name}/gamma`, [channels], { value: 1 }),
    beta: net.parameter(`${name}/beta`, [channels], { value: 0 }),
  };
}

/** [..., C] -> the same shape, normalized over the last axis. */
export function layerNormLayer(net: Network, name: string, channels: number): Layer {
  const { gamma, beta } = normParameters(net, name, channels);
  return (x, pass) => layerNorm(x, pass.read(gamma), pass.read(beta), pass.layerNormEpsilon);
}

/** Dropout in training, nothing in evaluation or at rate 0. */
export function dropoutLayer(rate: number): Layer {
  return (x, pass) => (rate > 0 && pass.training ? dropout(x, rate, pass.noise(x.shape)) : x);
}

export const reluLayer: Layer = (x) => relu(x);

/** Applies the layers in sequence. */
export const chain = (...layers: readonly Layer[]): Layer => {
  return (x, pass) => layers.reduce((h, layer) => layer(h, pass), x);
};
