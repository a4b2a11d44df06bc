/**
 * @file How a training worker handles signals. A terminal or `timeout` also signals its parent, which decides, so SIGINT
 * and SIGHUP are ignored; SIGTERM is noted. Imported before all else, because TensorFlow takes long to load.
 */

let isTerminated = false;
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
process.on("SIGTERM", () => (isTerminated = true));

/** Whether this worker has received SIGTERM since the last call. */
export function wasTerminated(): boolean {
  const was = isTerminated;
  isTerminated = false;
  return was;
}
