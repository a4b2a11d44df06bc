/** @file Examines the machine and the engine. This process itself never loads TensorFlow. */

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cacheFolder } from "../data/cache-folder.ts";
import { installedEngine } from "../study/installed-engine.ts";
import { type DoctorCheck, fail, ok, warn } from "./doctor-check.ts";
import {
  type Gpus,
  clockCheck,
  fileClock,
  findGpus,
  examineMachine,
  machineChecks,
  nearest,
  watchClock,
} from "./machine-checks.ts";
import type { DoctorDocument, FamilyFigures, Gpu } from "./doctor-document.ts";
import {
  type Distance,
  EAGER_TOLERANCE,
  type Environment,
  type FamilyTrial,
  GPU_TOLERANCE,
  LARGE_FAMILIES,
  NO_GPU,
  SMALL_FAMILIES,
  selfTest,
  stepDistance,
} from "./self-test.ts";
import { formatTable } from "../terminal-table.ts";
import { EngineProcess, type Outcome } from "./engine-process.ts";
import type { Library, Step } from "./engine-questions.ts";

export interface Progress {
  /** Called before a step that takes time. */
  onStep: (what: string) => void;
  onCheck: (check: DoctorCheck) => void;
}

interface DoctorOptions extends Progress {
  /** Leaves the large families out of the self-test. */
  quick: boolean;
  engine: Setting["asked"];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Milliseconds of the wall clock. */
  now: () => number;
}

export async function examine(options: DoctorOptions): Promise<DoctorDocument> {
  const { env, now, onStep } = options;
  const [start, drift, checks]: [number, () => number, DoctorCheck[]] = [
    now(),
    watchClock(now),
    [],
  ];
  const onCheck = (check: DoctorCheck): void => {
    checks.push(check);
    options.onCheck(check);
  };
  onStep("look at the machine");
  const machine = await examineMachine(env, options.cwd);
  machineChecks(machine).forEach(onCheck);
  const setting = settingOf(options.engine);
  const gpus = await findGpus(env);
  gpuChecks(gpus, setting.engine).forEach(onCheck);

  const archs = options.quick ? SMALL_FAMILIES : [...SMALL_FAMILIES, ...LARGE_FAMILIES];
  const given = { setting, archs, env, gpus, threads: machine.cores, onStep, onCheck };
  const { library, printed, selfTest, rates } = await examineEngine(given);

  const clock = { files: fileClock(nearest(cacheFolder(env)), now), drift: drift() };
  onCheck(clockCheck(now(), clock));
  return {
    at: new Date(start).toISOString(),
    harness: harnessVersion(),
    healthy: checks.every(({ state }) => state !== "fail"),
    seconds: (now() - start) / 1000,
    checks,
    library: {
      asked: setting.asked,
      engine: setting.engine,
      path: setting.addon,
      version: library.ok ? library.value.version : null,
      device: library.ok ? (library.value.gpu ? "gpu" : "cpu") : null,
      threads: machine.cores,
      words: printed,
    },
    tolerance: { eager: EAGER_TOLERANCE, cpu: GPU_TOLERANCE },
    selfTest,
    rates,
    machine: { ...machine, clock, gpus: gpus.state === "found" ? gpus.gpus : [] },
  };
}

function settingOf(asked: Setting["asked"]): Setting {
  const addon = findAddon();
  return {
    asked,
    engine: installedEngine().engine,
    addon,
    pinned: pinnedVersion(),
    rebuild: rebuildCommand(addon),
  };
}

/** The oldest driver that CUDA 12 runs on. */
const LEAST_DRIVER = 525;

const GIB = 2 ** 30;

/** About what a wrn-16-4 with batches of 128 takes. */
const ENOUGH_GPU_MEMORY = 2 * GIB;

/** The engine that was asked for, and the one that is installed. */
export interface Setting {
  asked: "cpu" | "cuda" | "auto";
  /** The engine of the installed library. */
  engine: "cpu" | "cuda";
  /** The addon's path; null when there is none. */
  addon: string | null;
  /** The version that the set-up of this checkout fetches. */
  pinned: string;
  /** The command that fetches and builds the engine anew. */
  rebuild: string;
}

export function libraryCheck(setting: Setting, library: Outcome<Library>): DoctorCheck {
  const { asked, engine, addon, pinned, rebuild } = setting;
  const name = "library";
  if (addon === null) return fail(name, "TensorFlow is not set up in this folder.", "npm start");
  if (!library.ok) return fail(name, `TensorFlow does not load: ${library.words}.`, rebuild);
  const { version } = library.value;
  if (version !== pinned)
    return warn(
      name,
      `This is TensorFlow ${version}, but the set-up fetches ${pinned} (${addon}).`,
      "npm start",
    );
  if (asked === "cuda" && engine === "cpu")
    return fail(
      name,
      "The CPU's library is linked, but --engine cuda asks for CUDA's.",
      "npm start -- --engine cuda",
    );
  return ok(name, `TensorFlow ${version} loads (${addon}).`);
}

/** @param printed what the library printed, which says why it uses no GPU. */
export function deviceCheck(
  { asked, engine }: Setting,
  { gpu }: Library,
  found: Gpus,
  env: Readonly<Record<string, string | undefined>>,
  printed: readonly string[],
): DoctorCheck {
  const name = "device";
  if (gpu)
    return ok(
      name,
      `Computes on the GPU${found.state === "found" ? `: ${names(found.gpus)}` : ""}.`,
    );
  if (asked === "cpu") return ok(name, "Computes on the CPU, as asked.");
  const idle =
    found.state === "found" &&
    asked === "auto" &&
    process.platform === "linux" &&
    process.arch === "x64";
  if (engine === "cpu" && idle)
    return warn(
      name,
      `Computes on the CPU, while a GPU is idle: ${names(found.gpus)}.`,
      "npm start -- --engine cuda",
    );
  if (engine === "cpu") return ok(name, "Computes on the CPU.");
  const hidden = env.CUDA_VISIBLE_DEVICES;
  if (hidden !== undefined)
    return warn(
      name,
      `Computes on the CPU: CUDA_VISIBLE_DEVICES is "${hidden}".`,
      "unset CUDA_VISIBLE_DEVICES",
    );
  const why = reason(printed) ?? "the library finds no GPU.";
  return fail(name, `CUDA's library computes on the CPU: ${why}`, "npm start -- --engine cpu");
}

/** The driver and the memory of the GPUs; nothing without an NVIDIA driver. */
export function gpuChecks(found: Gpus, engine: "cpu" | "cuda"): DoctorCheck[] {
  if (found.state === "none") return [];
  if (found.state === "broken") {
    const says = `nvidia-smi does not list the GPUs: ${found.words}.`;
    const mend = /mismatch/i.test(found.words) ? "sudo reboot" : "nvidia-smi";
    return [engine === "cuda" ? fail("driver", says, mend) : warn("driver", says, mend)];
  }
  return [driverCheck(found.gpus[0]!, engine), ...found.gpus.map(gpuMemoryCheck)];
}

function driverCheck({ driver }: Gpu, engine: "cpu" | "cuda"): DoctorCheck {
  if (engine === "cpu" || Number.parseInt(driver) >= LEAST_DRIVER)
    return ok("driver", `NVIDIA's driver ${driver}.`);
  return fail(
    "driver",
    `NVIDIA's driver ${driver} is older than ${LEAST_DRIVER}, which CUDA 12 needs.`,
    "npm start -- --engine cpu",
  );
}

function gpuMemoryCheck({ name, freeBytes, memoryBytes }: Gpu, index: number): DoctorCheck {
  const title = `GPU ${index} memory`;
  if (freeBytes === null || memoryBytes === null)
    return ok(title, `${name} does not report its memory.`);
  const says = `${gib(freeBytes)} of ${gib(memoryBytes)} are free on ${name}.`;
  return freeBytes >= ENOUGH_GPU_MEMORY ? ok(title, says) : warn(title, says, "nvidia-smi");
}

const gib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;
const names = (gpus: readonly Gpu[]) => gpus.map(({ name }) => name).join(", ");

/** The library's reason for using no GPU, without level, time, thread and source line. */
function reason(printed: readonly string[]): string | undefined {
  const line =
    printed.find((each) => /dlopen|cuInit|cuda drivers/i.test(each)) ??
    printed.findLast((each) => /\bGPU/i.test(each));
  return line?.replace(/^.*?\S+:\d+\] /, "");
}

interface EngineOptions {
  setting: Setting;
  archs: readonly string[];
  env: Environment;
  gpus: Gpus;
  threads: number;
  /** Called before a step that takes time. */
  onStep: (what: string) => void;
  onCheck: (check: DoctorCheck) => void;
}

interface EngineFindings {
  library: Outcome<Library>;
  printed: string[];
  selfTest: DoctorDocument["selfTest"];
  rates: DoctorDocument["rates"];
}

/** Loads the library, measures the rates and tries every family; ends early if the library does not load. */
async function examineEngine(options: EngineOptions): Promise<EngineFindings> {
  const { setting, onCheck } = options;
  if (setting.addon === null) {
    const library: Outcome<Library> = { ok: false, words: "it is not there" };
    onCheck(libraryCheck(setting, library));
    return { library, printed: [], selfTest: [], rates: NO_RATES };
  }
  const env = setting.asked === "cpu" ? { ...options.env, ...NO_GPU } : options.env;
  const { library, printed, rates } = await loadAndMeasure(options, env);
  const trials = library.ok ? await tryFamilies(options, env, library.value.gpu) : [];
  return { library, printed, selfTest: trials.map(familyFigures), rates };
}

const NO_RATES = { matmul: null, convolution: null };

/** In one process, alone and with the user's own environment, as training will run. */
async function loadAndMeasure(options: EngineOptions, env: Environment) {
  const { setting, gpus, threads, onStep, onCheck } = options;
  onStep("load TensorFlow");
  const engine = new EngineProcess(env);
  const library = await engine.library;
  const rates: DoctorDocument["rates"] = { ...NO_RATES };
  onCheck(libraryCheck(setting, library));
  if (library.ok) {
    const { gpu } = library.value;
    onCheck(deviceCheck(setting, library.value, gpus, options.env, engine.printed));
    for (const work of ["matmul", "convolution"] as const) {
      onStep(`rate of ${work}`);
      const rate = await engine.ask({ ask: "rate", work });
      rates[work] = rate.ok ? rate.value : null;
      onCheck(rateCheck(work, rate, { gpu, threads }, setting.rebuild));
    }
  }
  await engine.close();
  return { library, rates, printed: engine.printed };
}

async function tryFamilies(
  { archs, setting, onStep, onCheck }: EngineOptions,
  env: Environment,
  gpu: boolean,
): Promise<FamilyTrial[]> {
  const trials: FamilyTrial[] = [];
  onStep(`self-test ${archs[0]}`);
  for await (const trial of selfTest(archs, env, gpu)) {
    trials.push(trial);
    onCheck(familyCheck(trial, setting.rebuild));
    const next = archs[trials.length];
    if (next) onStep(`self-test ${next}`);
  }
  const againstCpu = gpuCheck(trials, setting.rebuild);
  if (againstCpu) onCheck(againstCpu);
  onCheck(determinismCheck(trials, gpu));
  return trials;
}

const ROOT = new URL("../../", import.meta.url);

const readRootJson = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(path, ROOT), "utf8"));

function harnessVersion(): string {
  return (readRootJson("package.json") as { version: string }).version;
}

/** The addon's real path, which is next to the library; null when the set-up has not installed it. */
function findAddon(): string | null {
  const require = createRequire(import.meta.url);
  const packageFile = require.resolve("@tensorflow/tfjs-node-gpu/package.json");
  const link = join(dirname(packageFile), "lib", "napi-v8", "tfjs_binding.node");
  return existsSync(link) ? realpathSync(link) : null;
}

/** The version of TensorFlow that the set-up of this checkout fetches. */
function pinnedVersion(): string {
  return (readRootJson("setup/wheels.json") as { tensorflow: string }).tensorflow;
}

/** The command that fetches and builds the engine anew; an addon built by hand is left alone. */
function rebuildCommand(addon: string | null): string {
  const isOurs = addon !== null && existsSync(join(dirname(addon), "engine.json"));
  return isOurs ? `rm -rf '${dirname(addon)}' && npm start` : "npm start";
}

type Compared = { ok: true; distance: Distance } | { ok: false; words: string };

/** Compares graph and eager execution of one network. @param mend the command to try if the library computes wrongly. */
export function familyCheck({ arch, graph, eager }: FamilyTrial, mend: string): DoctorCheck {
  const name = `self-test ${arch}`;
  const compared = compare(graph, eager);
  if (!compared.ok) return fail(name, `The training step fails: ${compared.words}.`, mend);
  const { distance } = compared;
  if (distance.share <= EAGER_TOLERANCE)
    return ok(
      name,
      `The graph's training step equals the eager one within ${within(distance, EAGER_TOLERANCE)}.`,
    );
  return fail(
    name,
    `The graph's training step differs from the eager one: ${beyond(distance, EAGER_TOLERANCE)}.`,
    mend,
  );
}

/** Compares GPU and CPU over all networks; null without a GPU. */
export function gpuCheck(trials: readonly FamilyTrial[], mend: string): DoctorCheck | null {
  const name = "CPU against GPU";
  const each = trials.flatMap(({ arch, graph, cpu }) =>
    cpu ? [{ arch, compared: compare(graph, cpu) }] : [],
  );
  if (each.length === 0) return null;
  const { arch, compared } = worst(each);
  if (!compared.ok) return fail(name, `${arch} could not be compared: ${compared.words}.`, mend);
  const { distance } = compared;
  if (distance.share <= GPU_TOLERANCE)
    return ok(
      name,
      `The GPU computes the same as the CPU within ${within(distance, GPU_TOLERANCE)}.`,
    );
  return fail(
    name,
    `The GPU does not compute the same as the CPU: ${arch}, ${beyond(distance, GPU_TOLERANCE)}.`,
    mend,
  );
}

/** Compares the same step in two processes: the same bits on a CPU; close on a GPU, whose sums have no fixed order. */
export function determinismCheck(trials: readonly FamilyTrial[], gpu: boolean): DoctorCheck {
  const name = "determinism";
  const each = trials.map(({ arch, graph, again }) => ({ arch, compared: compare(graph, again) }));
  if (trials.every(isIdentical))
    return ok(name, `Another process computes the same bits, in ${trials.length} networks.`);
  const { arch, compared } = worst(each);
  if (!compared.ok)
    return fail(
      name,
      `${arch} fails in one of two processes: ${compared.words}.`,
      "rademark doctor",
    );
  const { share } = compared.distance;
  const differs = `Two processes compute ${arch} differently, by ${share.toExponential(0)}`;
  if (gpu && share <= GPU_TOLERANCE)
    return warn(
      name,
      `${differs}; so a resumed run does not equal an uninterrupted one bit for bit.`,
      "export TF_DETERMINISTIC_OPS=1",
    );
  const mend = gpu ? "export TF_DETERMINISTIC_OPS=1" : "export TF_ENABLE_ONEDNN_OPTS=0";
  return fail(name, `${differs}.`, mend);
}

export function familyFigures(trial: FamilyTrial): FamilyFigures {
  const { arch, graph, eager, again, cpu } = trial;
  return {
    arch,
    seconds: graph.ok ? graph.value.seconds : null,
    eager: figure(compare(graph, eager)),
    again: figure(compare(graph, again)),
    identical: isIdentical(trial),
    cpu: cpu && figure(compare(graph, cpu)),
  };
}

/** JSON has no NaN. */
const figure = (compared: Compared): number | null =>
  compared.ok && Number.isFinite(compared.distance.share) ? compared.distance.share : null;

const isIdentical = ({ graph, again }: FamilyTrial): boolean =>
  graph.ok && again.ok && graph.value.digest === again.value.digest;

function compare(a: Outcome<Step>, b: Outcome<Step>): Compared {
  if (!a.ok) return a;
  if (!b.ok) return b;
  return { ok: true, distance: stepDistance(a.value, b.value) };
}

/** A failure first, then a distance that is not a number, then the largest distance. */
function worst<T extends { compared: Compared }>(each: readonly T[]): T {
  const badness = ({ compared }: T): number => {
    if (!compared.ok) return Infinity;
    const { share } = compared.distance;
    return Number.isNaN(share) ? Number.MAX_VALUE : share;
  };
  return each.reduce((most, one) => (badness(one) > badness(most) ? one : most));
}

const within = ({ share }: Distance, tolerance: number) =>
  `${share === 0 ? "0" : share.toExponential(0)} (allowed ${tolerance})`;

const beyond = ({ share, tensor }: Distance, tolerance: number) =>
  Number.isNaN(share)
    ? `${tensor} holds values that are not numbers`
    : `${tensor} is off by ${share.toExponential(0)} (allowed ${tolerance})`;

/** GFLOP/s below which something is wrong: for a thread of any processor of the last ten years, and for any GPU. */
const LEAST_OF_THREAD = 4;

const LEAST_OF_GPU = 300;

const NAMES = {
  matmul: ["matrix product", "1024 x 1024 matrices are multiplied"],
  convolution: ["convolution", "3x3 convolutions, 64 to 64 channels on 32 x 32, run"],
} as const;

/** @param on whether it ran on a GPU, else on how many threads. */
export function rateCheck(
  work: keyof typeof NAMES,
  rate: Outcome<number>,
  on: { gpu: boolean; threads: number },
  rebuild: string,
): DoctorCheck {
  const [name, what] = NAMES[work];
  if (!rate.ok) return fail(name, `It could not be measured: ${rate.words}.`, rebuild);
  const where = on.gpu ? "the GPU" : `${on.threads} ${on.threads === 1 ? "thread" : "threads"}`;
  const says = `${what} at ${Math.round(rate.value)} GFLOP/s on ${where}`;
  const least = on.gpu ? LEAST_OF_GPU : LEAST_OF_THREAD * on.threads;
  if (rate.value >= least) return ok(name, `${capital(says)}.`);
  return warn(
    name,
    `${capital(says)}, which is slow: other programs may be at work.`,
    on.gpu ? "nvidia-smi" : "top",
  );
}

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);

const COLUMNS = ["check", "", "found"].map((title) => ({ title, align: "left" as const }));

/** @returns text that ends with a newline; a command that fixes something stands below what it fixes. */
export function formatChecks({ checks, healthy, seconds }: DoctorDocument): string {
  const rows = checks.flatMap(({ name, state, says, mend }) => [
    [name, state, says],
    ...(mend === null ? [] : [["", "", `run: ${mend}`]]),
  ]);
  const count = (state: string) => checks.filter((check) => check.state === state).length;
  const verdict = healthy ? "This machine can train" : "This machine cannot train as it is";
  const tally = `${count("ok")} ok, ${count("warn")} to look at, ${count("fail")} failed`;
  return `${formatTable(COLUMNS, rows)}\n${verdict}: ${tally}, in ${seconds.toFixed(0)} s.\n`;
}
