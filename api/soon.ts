/** @file Work that may be asked for often and is done soon, once for all who asked. */

export interface Soon {
  ask(): void;
  /** Does what was asked for at once, and resolves when nothing is left. */
  finish(): Promise<void>;
}

export interface Pace {
  /** Milliseconds from the first who asks to the work. */
  wait: number;
  /** Milliseconds from one beginning to the next, at least: those who ask all the time are served together. */
  apart: number;
  /** Of all time, at most: what takes long is done seldom. */
  share?: number;
}

/** @param report is told of what fails; whoever asks next tries again. */
export function soon(
  work: () => Promise<void>,
  { wait, apart, share = 1 }: Pace,
  report: (error: unknown) => void,
): Soon {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = Promise.resolve();
  let begun = -Infinity;
  let took = 0;
  const begin = async () => {
    begun = performance.now();
    await work();
    took = performance.now() - begun;
  };
  const run = () => {
    timer = undefined;
    running = running.then(begin).catch(report);
  };
  const due = () => Math.max(wait, begun + Math.max(apart, took / share) - performance.now());
  return {
    ask: () => void (timer ??= setTimeout(run, due())),
    finish: async () => {
      if (timer !== undefined) {
        clearTimeout(timer);
        run();
      }
      await running;
    },
  };
}
