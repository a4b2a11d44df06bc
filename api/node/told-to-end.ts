/** @file When a server's process is to end. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @param withParent also once whoever started it is gone: standard input ends. */
export function toldToEnd(withParent: boolean): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve());
    if (withParent) process.stdin.resume().once("end", resolve).once("close", resolve);
  });
}
