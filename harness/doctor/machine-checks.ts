/** @file What the doctor sees of the machine without loading TensorFlow. */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { cacheFolder } from "../data/cache-folder.ts";
import { listDatasets } from "../data/dataset-rows.ts";
import { describeEnvironment } from "../sweep/environment.ts";
import { ok, warn, fail, type Check } from "./check.ts";

const GIB = 2 ** 30;
const gibibytes = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;

export async function machineChecks(now: number): Promise<Check[]> {
  return [
    ok("node", `${process.version} on ${process.platform}-${process.arch}`),
    ok("processor", `${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? "unknown"}`),
    gpuCheck(now),
    memoryCheck(freemem(), totalmem()),
    diskCheck("disk of the cache", cacheFolder()),
    diskCheck("disk of this folder", process.cwd()),
    clockCheck(now, fileTime()),
    switchesCheck(process.env),
    datasetsCheck(
      (await listDatasets()).filter(({ state }) => state === "cached").map((d) => d.name),
    ),
  ];
}

function gpuCheck(now: number): Check {
  const { gpus } = describeEnvironment(now);
  if (gpus.length === 0) return ok("GPU", "none found (no NVIDIA driver answers)");
  const each = gpus.map((g) => `${g.name}, driver ${g.driver}, ${g.memoryMebibytes} MiB`);
  return ok("GPU", each.join("; "));
}

/** A worker of micro-1 takes 0.5 to 0.9 GB. */
export function memoryCheck(free: number, total: number): Check {
  const says = `${gibibytes(free)} free of ${gibibytes(total)}`;
  return free >= 2 * GIB
    ? ok("memory", says)
    : warn("memory", says, "close other programs; a training worker takes about 1 GB");
}

function diskCheck(name: string, folder: string): Check {
  const { bavail, bsize } = statfsSync(nearest(folder));
  const says = `${gibibytes(bavail * bsize)} free (${folder})`;
  if (bavail * bsize >= 3 * GIB) return ok(name, says);
  return warn(name, says, "free some, or set RADEMARK_CACHE or --out to another disk");
}

const nearest = (folder: string): string =>
  existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));

/** When the file system says a file was written that is written now. */
function fileTime(): number {
  const cache = nearest(cacheFolder());
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, ".doctor-"));
  try {
    writeFileSync(join(folder, "now"), "");
    return statSync(join(folder, "now")).mtimeMs;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Challenges expire by the clock, so a wrong one costs a submission. */
export function clockCheck(now: number, written: number): Check {
  const date = new Date(now).toISOString();
  const mend = "set the clock (timedatectl set-ntp true)";
  if (now < Date.parse("2026-01-01")) return fail("clock", `${date} is in the past`, mend);
  const apart = Math.abs(now - written) / 1000;
  if (apart > 60)
    return warn("clock", `${date}; the file system is ${apart.toFixed(0)} s away`, mend);
  return ok("clock", date);
}

/** Variables that change numbers or speed. */
const SWITCHES = [
  "TF_ENABLE_ONEDNN_OPTS",
  "TF_XLA_FLAGS",
  "XLA_FLAGS",
  "NVIDIA_TF32_OVERRIDE",
  "TF_ENABLE_AUTO_MIXED_PRECISION",
  "TF_NUM_INTRAOP_THREADS",
  "CUDA_VISIBLE_DEVICES",
];

export function switchesCheck(env: Readonly<Record<string, string | undefined>>): Check {
  const set = SWITCHES.filter((name) => env[name] !== undefined);
  if (set.length === 0) return ok("switches", "none set");
  const says = set.map((name) => `${name}=${env[name]}`).join(", ");
  return warn("switches", `${says} can change numbers or speed`, `unset ${set.join(" ")}`);
}

function datasetsCheck(cached: string[]): Check {
  if (cached.length > 0) return ok("data sets", `cached: ${cached.join(", ")}`);
  return warn("data sets", "none cached", "rademark data get cifar10");
}
