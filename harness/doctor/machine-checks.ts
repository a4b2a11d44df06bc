/** @file Examines the machine without loading TensorFlow. */

import { execFile } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  rmSync,
  statSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "../data/cache-folder.ts";
import { listDatasets } from "../data/cached-dataset.ts";
import type { DoctorDocument, Gpu } from "./doctor-document.ts";
import { type DoctorCheck, fail, ok, warn } from "./doctor-check.ts";

/** All but the clock, which takes time, and the GPUs, which take the driver's tool. */
type Machine = Omit<DoctorDocument["machine"], "clock" | "gpus">;

export async function examineMachine(env: NodeJS.ProcessEnv, cwd: string): Promise<Machine> {
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
    disks: [examineDisk("disk of the cache", cache), examineDisk("disk of this folder", cwd)],
    switches: setSwitches(env),
    datasets: datasets.map(({ name, state }) => ({ name, state })),
  };
}

/** In a container this may be less than the machine's. */
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

const GIB = 2 ** 30;

/** Room for all data sets, or for the output of a large sweep. */
const COMFORTABLE = 3 * GIB;

const NEEDED = 0.2 * GIB;

/** Free space on a disk that the product writes to. */
interface Disk {
  name: string;
  folder: string;
  /** Null when the folder cannot be examined. */
  freeBytes: number | null;
  totalBytes: number | null;
}

export function examineDisk(name: string, folder: string): Disk {
  try {
    const { bavail, blocks, bsize } = statfsSync(nearest(folder));
    return { name, folder, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return { name, folder, freeBytes: null, totalBytes: null };
  }
}

/** @param elsewhere the command that chooses another disk. */
export function diskCheck({ name, folder, freeBytes }: Disk, elsewhere: string): DoctorCheck {
  if (freeBytes === null || !isWritable(nearest(folder)))
    return fail(name, `Nothing can be written to ${folder}.`, elsewhere);
  const says = `${(freeBytes / GIB).toFixed(1)} GiB are free for ${folder}.`;
  if (freeBytes < NEEDED) return fail(name, says, elsewhere);
  return freeBytes < COMFORTABLE ? warn(name, says, elsewhere) : ok(name, says);
}

/** The folder itself, or the nearest parent that exists, on whose disk it will be made. */
export function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

type Env = Readonly<Record<string, string | undefined>>;

/** Read by TensorFlow 2.21, by its oneDNN, or by NVIDIA's libraries. Each changes the lowest bits or more. */
const CHANGE_NUMBERS = [
  "TF_ENABLE_ONEDNN_OPTS",
  "TF_SET_ONEDNN_FPMATH_MODE",
  "ONEDNN_DEFAULT_FPMATH_MODE",
  "ONEDNN_MAX_CPU_ISA",
  "DNNL_MAX_CPU_ISA",
  "TF_ENABLE_ZENDNN_OPTS",
  "TF_XLA_FLAGS",
  "XLA_FLAGS",
  "NVIDIA_TF32_OVERRIDE",
  "TF_DETERMINISTIC_OPS",
  "TF_CUDNN_USE_AUTOTUNE",
  "TF_MATMUL_AUTOTUNE_ENABLE",
  "TF_USE_CUBLASLT",
  "TF_CONV2D_USE_FP16_ACCUMULATE",
  "TF_FP16_MATMUL_USE_FP32_COMPUTE",
];

const MIXED_PRECISION = /^TF_(ENABLE_)?AUTO_MIXED_PRECISION/;

/** Values that are welcome: this one makes a run repeatable bit for bit on a GPU. */
const WELCOME: Readonly<Record<string, string>> = { TF_DETERMINISTIC_OPS: "1" };

/** Variables that decide where and how fast something is computed, never what. */
const CHANGE_SPEED = [
  "CUDA_VISIBLE_DEVICES",
  "TF_FORCE_GPU_ALLOW_GROWTH",
  "TF_GPU_ALLOCATOR",
  "TF_GPU_THREAD_MODE",
  "GLIBC_TUNABLES",
];

/** The variables that are set and affect TensorFlow, oneDNN or CUDA. */
export function setSwitches(env: Env): Record<string, string> {
  const wanted = (name: string) =>
    CHANGE_NUMBERS.includes(name) || CHANGE_SPEED.includes(name) || MIXED_PRECISION.test(name);
  const entries = Object.entries(env).filter((entry): entry is [string, string] => {
    return wanted(entry[0]) && entry[1] !== undefined;
  });
  return Object.fromEntries(entries.sort());
}

export function switchesCheck(switches: Readonly<Record<string, string>>): DoctorCheck {
  const name = "switches";
  const shown = (names: string[]) => names.map((one) => `${one}=${switches[one]}`).join(", ");
  const names = Object.keys(switches);
  const unwelcome = names.filter(
    (one) => !CHANGE_SPEED.includes(one) && WELCOME[one] !== switches[one],
  );
  if (unwelcome.length > 0)
    return warn(
      name,
      `These change numbers in TensorFlow: ${shown(unwelcome)}.`,
      `unset ${unwelcome.join(" ")}`,
    );
  if (names.length === 0)
    return ok(name, "No variable is set that changes what TensorFlow computes.");
  return ok(
    name,
    `Nothing that is set makes the numbers differ from those expected (${shown(names)}).`,
  );
}

/** When this was written: no correct clock shows an earlier time. */
const EARLIEST = Date.parse("2026-01-01T00:00:00Z");

const LATEST = Date.parse("2100-01-01T00:00:00Z");
const LARGEST_DRIFT = 1;
const LARGEST_OFFSET = 60;

/** How this machine's wall clock compares with its monotonic clock and with the file system's. */
interface ClockFigures {
  /** Seconds by which the file system's time is ahead; null where nothing could be written. */
  files: number | null;
  /** Seconds by which the wall clock ran ahead of the monotonic one. */
  drift: number;
}

/** Starts watching. @param now milliseconds of the wall clock. @returns a function that gives the drift since. */
export function watchClock(now: () => number): () => number {
  const [wall, steady] = [now(), performance.now()];
  return () => (now() - wall - (performance.now() - steady)) / 1000;
}

/** Writes a file into `folder` and compares its time with the clock's. */
export function fileClock(folder: string, now: () => number): number | null {
  try {
    const own = mkdtempSync(join(folder, ".rademark-clock-"));
    try {
      const file = join(own, "now");
      const before = now();
      writeFileSync(file, "");
      return (statSync(file).mtimeMs - before) / 1000;
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  } catch {
    return null; // the check of the disk reports this
  }
}

/** Signatures and challenges carry dates, so a wrong clock can cost a submission. */
export function clockCheck(now: number, { files, drift }: ClockFigures): DoctorCheck {
  const name = "clock";
  const mend =
    process.platform === "darwin"
      ? "sudo systemsetup -setusingnetworktime on"
      : "sudo timedatectl set-ntp true";
  const date = new Date(now).toISOString();
  if (!(now >= EARLIEST && now < LATEST))
    return fail(name, `The clock shows ${date}, which cannot be right.`, mend);
  if (Math.abs(drift) > LARGEST_DRIFT)
    return warn(name, `The clock was moved by ${drift.toFixed(1)} s while it was watched.`, mend);
  if (files !== null && Math.abs(files) > LARGEST_OFFSET)
    return warn(
      name,
      `The file system's time is ${files.toFixed(0)} s off the clock's ${date}.`,
      mend,
    );
  return ok(name, `The clock shows ${date} and runs steadily.`);
}

/** The NVIDIA GPUs of this machine, as listed by the driver's own tool. */
export type Gpus =
  | { state: "found"; gpus: Gpu[] }
  /** No such tool: no NVIDIA driver. */
  | { state: "none" }
  /** The tool is there but fails, with this output. */
  | { state: "broken"; words: string };

/** Under WSL2 the tool is not always on PATH. */
const TOOLS = ["nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi"];

/** Only fields that every driver knows: an unknown one makes the whole call fail. */
const QUERY = [
  "--query-gpu=name,driver_version,memory.total,memory.free",
  "--format=csv,noheader,nounits",
];

const TIMEOUT_MS = 15_000;

export async function findGpus(env: NodeJS.ProcessEnv): Promise<Gpus> {
  for (const tool of TOOLS) {
    const gpus = await ask(tool, env);
    if (gpus.state !== "none") return gpus;
  }
  return { state: "none" };
}

function ask(tool: string, env: NodeJS.ProcessEnv): Promise<Gpus> {
  return new Promise((resolve) =>
    execFile(tool, QUERY, { env, timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error?.code === "ENOENT") resolve({ state: "none" });
      else if (error)
        resolve({ state: "broken", words: sentence(stdout + stderr) || error.message });
      else resolve(readGpus(stdout));
    }),
  );
}

/** @param text one line for each GPU: name, driver, total MiB, free MiB; in brackets what a GPU does not report. */
function readGpus(text: string): Gpus {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const gpus = lines.map(readGpu);
  if (gpus.length > 0 && gpus.every((gpu) => gpu !== null)) return { state: "found", gpus };
  return { state: "broken", words: sentence(text) || "it lists no GPU" };
}

function readGpu(line: string): Gpu | null {
  const cells = line.split(",").map((cell) => cell.trim());
  if (cells.length < 4) return null;
  const [driver, total, free] = cells.slice(-3) as [string, string, string];
  const name = cells.slice(0, -3).join(", ");
  return { name, driver, memoryBytes: bytes(total), freeBytes: bytes(free) };
}

const bytes = (mebibytes: string): number | null =>
  /^\d+$/.test(mebibytes) ? Number(mebibytes) * 2 ** 20 : null;

/** The tool's first words, on one line and without the last full stop. */
const sentence = (words: string) =>
  words.trim().replace(/\s+/g, " ").slice(0, 200).replace(/\.$/, "");

/** One worker of micro-1 takes 0.5 to 0.9 GB. */
const COMFORTABLE_MEMORY = 2 * GIB;

const NEEDED_MEMORY = 0.7 * GIB;

/** Running programs per core above which training and the measured rates are slowed down. */
const BUSY = 1.3;

/** The doctor's checks of the machine. */
export function machineChecks(machine: Machine): DoctorCheck[] {
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

function softwareCheck({ os, node, npm }: Machine): DoctorCheck {
  if (npm !== null) return ok("node", `Node ${node} and npm ${npm} on ${os}.`);
  return warn("node", `Node ${node} has no npm, which set-up needs.`, "npm --version");
}

export function processorCheck({
  processor,
  cores,
  load,
}: Pick<Machine, "processor" | "cores" | "load">): DoctorCheck {
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

export function memoryCheck({ freeBytes, totalBytes }: Machine["memory"]): DoctorCheck {
  const [free, total] = [freeBytes ?? 0, totalBytes ?? 0];
  const says = `${gib(free)} of ${gib(total)} are free; a run of micro-1 takes 0.9 GiB`;
  if (free >= COMFORTABLE_MEMORY) return ok("memory", `${says}.`);
  if (free >= NEEDED_MEMORY) return warn("memory", `${says}.`, "top");
  return fail("memory", `${says}.`, "top");
}

function datasetsCheck(datasets: Machine["datasets"]): DoctorCheck {
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
