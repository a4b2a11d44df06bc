/** @file What the sweep and its training workers say to each other over the IPC channel. */

import type { ExitCode } from "../errors.ts";
import type { Weight } from "./weight.ts";

export type ToWorker =
  /**
   * Train these seeds in this output folder; protocol.json and config.json are already there. `token` is that of the
   * folder's lock, without which nothing is written; empty: nobody holds it.
   */
  | { type: "start"; folder: string; seeds: number[]; token: string }
  /**
   * Two training steps and one evaluation batch of this folder's configuration, timed after a first
   * pass that records and loads the graph. Writes nothing; ends with `done`.
   */
  | { type: "trial"; folder: string }
  /** What this folder's configuration will take, from its shapes alone; ends with `done`. */
  | { type: "weigh"; folder: string }
  /** Finish the current step, write a checkpoint, answer `stopped`. */
  | { type: "stop" };

export interface EpochMessage {
  type: "epoch";
  folder: string;
  seed: number;
  /** Finished epochs of `epochs`. */
  epoch: number;
  epochs: number;
  imagesPerSecond: number;
  trainAccuracy: number;
  /** Online accuracy of the last tap's first draw at the headline label space. */
  randomLabels: { n: number; accuracy: number };
  phase: "train" | "controls";
}

/** What a whole run will take, judged by a few steps. */
export interface TrialMessage {
  type: "trial";
  folder: string;
  /** Parameters of trunk and class head. */
  parameters: number;
  secondsPerStep: number;
  evaluateSecondsPerImage: number;
  /** Recording and loading the graph, with the data set in it: once a configuration. */
  setupSeconds: number;
  /** Peak resident memory of the worker. */
  residentBytes: number;
}

export interface WeightMessage extends Weight {
  type: "weight";
  folder: string;
}

export type FromWorker =
  /** TensorFlow is loaded. */
  | { type: "ready" }
  | EpochMessage
  /** `seeds/SEED/final.json` is written. */
  | { type: "seed"; folder: string; seed: number; status: "completed" | "diverged" }
  | TrialMessage
  | WeightMessage
  | { type: "done"; folder: string }
  | { type: "stopped"; folder: string }
  | { type: "failed"; folder: string; message: string; exitCode: ExitCode; bug: boolean };
