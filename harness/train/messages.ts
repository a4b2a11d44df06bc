/** @file The messages between the sweep and its training workers, over the IPC channel. */

import type { ExitCode } from "../errors.ts";
import type { Inspected } from "./custom-inspection.ts";
import type { FileNames } from "./custom-parts.ts";
import type { MemoryEstimate } from "./memory-estimate.ts";

/** SHA-256 of the custom sources that may run; any other is refused. */
type Allowed = readonly string[];

export type ToWorker =
  /**
   * Train these seeds in this output folder; protocol.json and config.json are already there. `token` is that of the
   * folder's lock: once that lock is lost, nothing more is written; empty where the folder is not locked.
   */
  | { type: "start"; folder: string; seeds: number[]; token: string; code: Allowed }
  /**
   * Two training steps and one evaluation batch of this folder's configuration, timed after a first
   * pass that records and loads the graph. Writes nothing; ends with `done`.
   */
  | { type: "trial"; folder: string; code: Allowed }
  /** Estimate the memory for this folder's configuration, from its shapes alone; ends with `done`. */
  | { type: "estimate"; folder: string; code: Allowed }
  /**
   * Try this folder's own code; its config.json may still lack the taps. Ends with `done`. `files`: what its files are
   * called in messages.
   */
  | { type: "inspect"; folder: string; code: Allowed; files: FileNames }
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
  /**
   * Online accuracy of the last tap's first draw at the headline label space, and that of the same head on the frozen
   * trunk; null where the protocol has none.
   */
  randomLabels: { n: number; accuracy: number; frozenAccuracy: number | null };
  phase: "train" | "controls";
}

/** Times and memory of a few steps, from which those of a whole run are estimated. */
export interface TrialMessage {
  type: "trial";
  folder: string;
  /** Parameters of trunk and class head. */
  parameters: number;
  secondsPerStep: number;
  evaluateSecondsPerImage: number;
  /** Recording and loading the graph, with the data set in it: once for each configuration. */
  setupSeconds: number;
  /** Peak resident memory of the worker. */
  residentBytes: number;
}

export interface EstimateMessage extends MemoryEstimate {
  type: "estimate";
  folder: string;
}

export interface InspectionMessage extends Inspected {
  type: "inspected";
  folder: string;
}

export type FromWorker =
  /** TensorFlow is loaded. */
  | { type: "ready" }
  | EpochMessage
  /** `seeds/SEED/final.json` is written. */
  | { type: "seed"; folder: string; seed: number; status: "completed" | "diverged" }
  | TrialMessage
  | EstimateMessage
  /** What begins: to load the code, or to try it. */
  | { type: "inspecting"; folder: string; stage: "load" | "try" }
  | InspectionMessage
  | { type: "done"; folder: string }
  | { type: "stopped"; folder: string }
  | { type: "failed"; folder: string; message: string; exitCode: ExitCode; bug: boolean };
