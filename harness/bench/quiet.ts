/** @file Was the machine ours? How much processor time others took while something was measured. */

import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/** Ticks a second in /proc (USER_HZ). */
const TICKS = 100;
/** Cores' worth of foreign work at which a measurement is no longer a measurement. */
const DISTURBANCE = 0.1;

/** Processor seconds so far: of the whole machine, and of one process. Null where there is no /proc. */
function processorSeconds(pid: number): { machine: number; own: number } | null {
  try {
    const [user, nice, system, , , irq, softirq, steal] = readFileSync("/proc/stat", "utf8")
      .split("\n", 1)[0]!
      .split(/\s+/)
      .slice(1)
      .map(Number) as number[] & { length: 8 };
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const machine = user! + nice! + system! + irq! + softirq! + steal!;
    return {
      machine: machine / TICKS,
      own: (Number(fields[11]) + Number(fields[12])) / TICKS,
    };
  } catch {
    return null;
  }
}

/** How long the machine has to idle before it is called quiet. */
const MOMENT_MS = 300;

/** Waits until nobody uses the machine, the caller included, but no longer than the limit. */
export async function quietMoment(limitSeconds: number): Promise<void> {
  const end = performance.now() + limitSeconds * 1000;
  let quiet = false;
  while (!quiet && performance.now() < end)
    ({ quiet } = await watch(process.pid, () => setTimeout(MOMENT_MS)));
}

/** Does the work, which is to be all done by one process. @returns its result, and whether others left us alone. */
export async function watch<T>(pid: number, work: () => Promise<T>) {
  const before = processorSeconds(pid);
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  const after = processorSeconds(pid);
  if (!before || !after) return { result, quiet: true };
  const foreign = after.machine - before.machine - (after.own - before.own);
  return { result, quiet: foreign / seconds < DISTURBANCE };
}
