/**
 * @file Ctrl-C and its like: the first one, or the end of whoever started us, asks for a checkpoint; the second one, or a
 * step that takes too long, ends everything at once.
 */

import type { Interruption } from "../sweep/pool.ts";
import type { Effects } from "./effects.ts";

/** How long a step may take: ten seconds, with all that follows, are promised. */
const STEP_MILLISECONDS = 8_000;

/** Runs something that can be interrupted. */
export async function interruptible<T>(
  effects: Effects,
  work: (interruption: Interruption) => Promise<T>,
): Promise<T> {
  const [stop, kill] = [new AbortController(), new AbortController()];
  let overdue: NodeJS.Timeout | undefined;
  const begin = () => {
    if (stop.signal.aborted) return;
    stop.abort();
    overdue = setTimeout(() => kill.abort(), STEP_MILLISECONDS);
  };
  const unlisten = effects.onInterrupt(() => {
    if (stop.signal.aborted) return kill.abort();
    begin();
    effects.err("\nStopping at the next step; what is done is kept. Again, to stop at once.\n");
  });
  const unwatch = effects.onAbandoned(begin);
  try {
    return await work({ stop: stop.signal, kill: kill.signal });
  } finally {
    clearTimeout(overdue);
    unlisten();
    unwatch();
  }
}
