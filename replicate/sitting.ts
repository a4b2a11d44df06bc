/** @file One sitting: what the parts of the program share while it trains. */

import type { Effects } from "../harness/effects.ts";
import { EXIT, type ExitCode } from "../harness/errors.ts";
import type { Store } from "./store.ts";

export interface Sitting {
  store: Store;
  /** Trainings at the same time, of one thread each. */
  jobs: number;
  quiet: boolean;
  /** The words that continue it. */
  again: string;
  effects: Effects;
}

/** The first failure; an interruption above all. */
export function worse(before: ExitCode, now: ExitCode): ExitCode {
  if (now === EXIT.interrupted || before === EXIT.ok) return now;
  return before;
}
