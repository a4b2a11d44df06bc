/** @file The doctor's questions to the process that loads TensorFlow, and its answers over the IPC channel. */

export type Question =
  | { ask: "step"; arch: string; how: "graph" | "eager" }
  | { ask: "rate"; work: "matmul" | "convolution" };

/** What the loaded library reports. */
export interface Library {
  version: string;
  /** Whether it computes on a GPU. */
  gpu: boolean;
}

/** The state after one training step: parameters, velocities (which then equal the gradients), statistics. */
export interface Step {
  arch: string;
  seconds: number;
  /** SHA-256 of every bit of the state. */
  digest: string;
  /** Some values of each float tensor, always the same ones; all values of a small tensor. */
  tensors: { name: string; values: Float32Array }[];
}

export interface Answers {
  step: Step;
  /** GFLOP/s. */
  rate: number;
}

export type FromEngine =
  | { type: "loaded"; library: Library }
  | { type: "answer"; answer: Answers[keyof Answers] }
  /** The library does not load, or an operation threw. */
  | { type: "refused"; words: string };
