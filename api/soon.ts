/** @file Work that may be asked for often and is done soon, once for all who asked. */

export interface Soon {
  ask(): void;
  /** Does what was asked for at once, and resolves when nothing is left. */
  finish(): Promise<void>;
}

/** @param report is told of what fails; whoever asks next tries again. */
export function soon(
  work: () => Promise<void>,
  milliseconds: number,
  report: (error: unknown) => void,
): Soon {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = Promise.resolve();
  const run = () => {
    timer = undefined;
    running = running.then(work).catch(report);
  };
  return {
    ask: () => void (timer ??= setTimeout(run, milliseconds)),
    finish: async () => {
      if (timer !== undefined) {
        clearTimeout(timer);
        run();
      }
      await running;
    },
  };
}
