/** @file What a network is made of: parameters with their initialisation, and pure functions over them. */

import type { Program, Variable } from "../engine/program.ts";
import type { Tensor } from "../engine/tensorflow.ts";

/** How a parameter starts: independent normals of this standard deviation, or one number. */
export type Initial = { deviation: number } | { value: number };

export interface Parameter {
  readonly variable: Variable;
  readonly initial: Initial;
}

/** Running mean and variance of a BatchNorm layer, [C] each. */
export interface Statistics {
  readonly mean: Variable;
  readonly variance: Variable;
}

/** How one forward pass runs. Layers read everything that can differ between passes from here. */
export interface Pass {
  readonly training: boolean;
  readonly layerNormEpsilon: number;
  /** A parameter's value; a sharpness-aware second pass gives perturbed ones. */
  read: (variable: Variable) => Tensor;
  /** Uniform noise on [0, 1), fresh at every call, the same in a repeated run. */
  noise(shape: readonly number[]): Tensor;
  /** BatchNorm by the rule of this pass: batch statistics in training, running ones in evaluation. */
  normalise(x: Tensor, layer: { gamma: Variable; beta: Variable; statistics: Statistics }): Tensor;
}

/** [B, ...] -> [B, ...]. */
export type Layer = (x: Tensor, pass: Pass) => Tensor;

/** Collects a network's variables under a prefix while layers are made. */
export class Network {
  readonly parameters: Parameter[] = [];
  readonly statistics: Statistics[] = [];
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
  forward(images: Tensor, pass: Pass): Tensor[];
}

/** Height, width and channels of an image. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}
