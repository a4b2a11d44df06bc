/** @file Ctrl-C: the first one asks for a checkpoint, the second one, or the end of whoever started us, ends everything at once. */

import type { Interruption } from "../sweep/pool.ts";
import type { Effects } from "./effects.ts";

/** Runs something that can be interrupted. */
export async function interruptible<T>(
  effects: Effects,
  work: (interruption: Interruption) => Promise<T>,
): Promise<T> {
  const [stop, kill] = [new AbortController(), new AbortController()];
  const unlisten = effects.onInterrupt(() => {
    if (stop.signal.aborted) return kill.abort();
    effects.err("\nStopping at the end of this epoch. Press Ctrl-C again to stop at once.\n");
    stop.abort();
  });
  const unwatch = effects.onAbandoned(() => {
    stop.abort();
    kill.abort();
  });
  try {
    return await work({ stop: stop.signal, kill: kill.signal });
  } finally {
    unlisten();
    unwatch();
  }
}
