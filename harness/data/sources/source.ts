/** @file One place a data set can come from. */

import type { DatasetDescription, OnProgress, SplitName } from "../opened-datasets.ts";

/** Each split in its canonical form: all images, then all labels. */
export type CanonicalSplits = Record<SplitName, Uint8Array>;

export interface Request {
  dataset: DatasetDescription;
  /** An empty folder for downloads, removed afterwards. */
  folder: string;
  /** Ends a download when the user interrupts. */
  signal: AbortSignal;
  onProgress: OnProgress;
}

export interface Source {
  /** As shown to users. */
  name: string;
  /**
   * Fetches and decodes both splits; the caller compares the digests.
   *
   * @throws UserError when it cannot be reached or what it serves breaks its format; then the next source is tried.
   */
  obtain(request: Request): Promise<CanonicalSplits>;
}
