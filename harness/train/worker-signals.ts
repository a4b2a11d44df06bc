/**
 * @file What a training worker makes of signals: the parent decides, which a terminal or `timeout` tells, too. Imported before
 * all else, since TensorFlow takes its time to load.
 */

let isTold = false;
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
process.on("SIGTERM", () => (isTold = true));

/** Whether somebody has sent SIGTERM to this worker since it was last asked. */
export function wasTold(): boolean {
  const was = isTold;
  isTold = false;
  return was;
}
