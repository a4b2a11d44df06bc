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
}

/** @param report is told of what fails; whoever asks next tries again. */
export function soon(
  work: () => Promise<void>,
  { wait, apart }: Pace,
  report: (error: unknown) => void,
): Soon {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = Promise.resolve();
  let begun = -Infinity;
  const begin = () => {
    begun = performance.now();
    return work();
  };
  const run = () => {
    timer = undefined;
    running = running.then(begin).catch(report);
  };
  const due = () => Math.max(wait, begun + apart - performance.now());
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
