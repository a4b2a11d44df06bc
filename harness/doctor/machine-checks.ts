/** @file What the doctor makes of the machine. */

import { type Check, fail, ok, warn } from "./check.ts";
import { diskCheck } from "./disks.ts";
import type { Machine } from "./machine.ts";
import { switchesCheck } from "./switches.ts";

const GIB = 2 ** 30;
/** One worker of micro-1 takes 0.5 to 0.9 GB. */
const COMFORTABLE_MEMORY = 2 * GIB;
const NEEDED_MEMORY = 0.7 * GIB;
/** Programs that want a core, for each core: above it, training and the measured rates are slowed. */
const BUSY = 1.3;

export function machineChecks(machine: Machine): Check[] {
  const [cache, working] = machine.disks;
  return [
    softwareCheck(machine),
    processorCheck(machine),
    memoryCheck(machine.memory),
    diskCheck(cache!, "export RADEMARK_CACHE=/path/on/another/disk"),
    diskCheck(working!, "cd /path/on/another/disk"),
    switchesCheck(machine.switches),
    datasetsCheck(machine.datasets),
  ];
}

function softwareCheck({ os, node, npm }: Machine): Check {
  if (npm !== null) return ok("node", `Node ${node} and npm ${npm} on ${os}.`);
  return warn("node", `Node ${node} has no npm, which set-up needs.`, "npm --version");
}

export function processorCheck({
  processor,
  cores,
  load,
}: Pick<Machine, "processor" | "cores" | "load">): Check {
  const says = `${cores} ${cores === 1 ? "core" : "cores"} of ${processor}`;
  if (load <= BUSY * cores)
    return ok(
      "processor",
      `${says}; a run takes ${cores === 1 ? "it" : "all of them"} unless --threads says otherwise.`,
    );
  return warn(
    "processor",
    `${says} are busy: ${load.toFixed(1)} programs ran in the last minute, so rates come out low.`,
    "top",
  );
}

export function memoryCheck({ freeBytes, totalBytes }: Machine["memory"]): Check {
  const [free, total] = [freeBytes ?? 0, totalBytes ?? 0];
  const says = `${gib(free)} of ${gib(total)} are free; a run of micro-1 takes 0.9 GiB`;
  if (free >= COMFORTABLE_MEMORY) return ok("memory", `${says}.`);
  if (free >= NEEDED_MEMORY) return warn("memory", `${says}.`, "top");
  return fail("memory", `${says}.`, "top");
}

export function datasetsCheck(datasets: Machine["datasets"]): Check {
  const named = (state: string) =>
    datasets.filter((one) => one.state === state).map(({ name }) => name);
  const damaged = named("damaged");
  if (damaged.length > 0) {
    const says = `${damaged.join(", ")}: the files in the cache are damaged.`;
    return warn("data sets", says, `rademark data get ${damaged[0]}`);
  }
  const [cached, missing] = [named("cached"), named("missing")];
  const rest = missing.length > 0 ? ` Fetched when needed: ${missing.join(", ")}.` : "";
  return ok("data sets", `In the cache: ${cached.join(", ") || "none"}.${rest}`);
}

const gib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;
