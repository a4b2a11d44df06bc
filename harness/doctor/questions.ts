/** @file What the doctor asks the process that holds TensorFlow, and what comes back over the IPC channel. */

export type Question =
  | { ask: "step"; arch: string; how: "graph" | "eager" }
  | { ask: "rate"; work: "matmul" | "convolution" };

/** What the loaded library says of itself. */
export interface Library {
  version: string;
  /** Whether it computes on a GPU. */
  gpu: boolean;
}

/** The state after one training step: parameters, velocities (which are gradients then), statistics. */
export interface Step {
  arch: string;
  seconds: number;
  /** SHA-256 of every bit of the state. */
  digest: string;
  /** Some values of each float tensor, the same ones every time, and all of a small one. */
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
