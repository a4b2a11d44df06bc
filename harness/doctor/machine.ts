/** @file What is seen of the machine without loading TensorFlow. */

import { execFile } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { cacheFolder } from "../data/cache-folder.ts";
import { listDatasets } from "../data/cached-dataset.ts";
import type { DoctorDocument } from "./document.ts";
import { lookAtDisk } from "./disks.ts";
import { setSwitches } from "./switches.ts";

/** All but what takes watching (the clock) and the driver's tool (GPUs). */
export type Machine = Omit<DoctorDocument["machine"], "clock" | "gpus">;

export async function lookAtMachine(env: NodeJS.ProcessEnv, cwd: string): Promise<Machine> {
  const cache = cacheFolder(env);
  const datasets = await listDatasets({ cache });
  return {
    os: `${process.platform}-${process.arch} ${release()}`,
    node: process.version,
    npm: await npmVersion(env),
    processor: cpus()[0]?.model.trim() || "unknown",
    cores: availableParallelism(),
    load: loadavg()[0]!,
    memory: machineMemory(),
    disks: [lookAtDisk("disk of the cache", cache), lookAtDisk("disk of this folder", cwd)],
    switches: setSwitches(env),
    datasets: datasets.map(({ name, state }) => ({ name, state })),
  };
}

/** A container may have less than its machine. */
export function machineMemory() {
  const limit = process.constrainedMemory();
  const total = totalmem();
  return {
    freeBytes: process.availableMemory(),
    totalBytes: limit > 0 && limit < total ? limit : total,
  };
}

function npmVersion(env: NodeJS.ProcessEnv): Promise<string | null> {
  return new Promise((resolve) =>
    execFile("npm", ["--version"], { env, timeout: 15_000 }, (error, stdout) =>
      resolve(error ? null : stdout.trim()),
    ),
  );
}
