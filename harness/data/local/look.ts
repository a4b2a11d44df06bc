/** @file How data are looked at: under which name, with whose progress, and until when. */

import type { OnProgress } from "../opened-datasets.ts";

export interface LookOptions {
  /** The cache folder. */
  cache: string;
  /** In progress lines. */
  name: string;
  onProgress: OnProgress;
  /** Reads everything again, even if no file seems to have changed. */
  again: boolean;
  /** Ends the work; what was prepared until then is used by the next one. */
  signal: AbortSignal;
}
