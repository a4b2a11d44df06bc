/** @file What the benchmark asks its child processes, one JSON line each; `python/serve.py` knows steps and sgemm. */

/**
 * Which random-label heads a model carries: one with n = 100 at the last tap, micro-1's, all of micro-1's but those on the
 * frozen trunk, or none.
 */
export type Heads = "one" | "micro-1" | "micro-1 without frozen" | "none";

export type Question =
  /** Trains; the first question about a model also builds it and warms it up, and may say 0 steps. */
  | { ask: "steps"; model: string; batch: number; steps: number; heads?: Heads }
  /** The same as "steps", in processor time. */
  | { ask: "processor"; model: string; batch: number; steps: number; heads?: Heads }
  /** Multiplies two square float32 matrices of this size. */
  | { ask: "sgemm"; size: number; repeats: number }
  /** The same as "steps", with the time that passed outside TensorFlow's library. */
  | { ask: "javascript"; model: string; batch: number; steps: number }
  /** Records an architecture's program and loads it, then runs its first step. */
  | { ask: "record"; model: string; batch: number }
  /** Trains, and looks at tensors and resident memory every hundredth of the way. */
  | { ask: "memory"; model: string; batch: number; steps: number }
  /** A whole micro-1 run on made-up images. */
  | { ask: "run"; model: string; measures?: boolean }
  /** Ridge refits of random features, [samples, width], to `redraws` labellings with n labels. */
  | { ask: "refits"; samples: number; width: number; n: number; redraws: number }
  /** Decodes for imagenet-1 without training, and trains on its batches of this size without decoding, in turns. */
  | { ask: "loader"; model: string; batch: number; files: number; rounds: number };

export interface Timed {
  seconds: number;
}
export interface JavascriptAnswer extends Timed {
  outsideSeconds: number;
}
export interface ProcessorAnswer {
  processorSeconds: number;
}
export interface RecordAnswer {
  recordAndLoadSeconds: number;
  firstStepSeconds: number;
}
export interface MemoryAnswer {
  steps: number[];
  tensors: number[];
  residentBytes: number[];
}
export interface RunAnswer {
  trainSeconds: number;
  evaluateSeconds: number;
  controlSeconds: number;
  /** Part of them. */
  measureSeconds: number;
}

/** Images a second, medians of the rounds. */
export interface LoaderAnswer {
  decoded: number;
  trained: number;
}

export interface Answers {
  steps: Timed;
  processor: ProcessorAnswer;
  sgemm: Timed;
  javascript: JavascriptAnswer;
  record: RecordAnswer;
  memory: MemoryAnswer;
  run: RunAnswer;
  refits: ProcessorAnswer;
  loader: LoaderAnswer;
}
