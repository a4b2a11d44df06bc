import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { train } from "../../harness/cli/training.ts";
import { lanesFor } from "../../harness/cli/training-arguments.ts";
import { deviceVariables, readDevices, visibleDevices } from "../../harness/study/devices.ts";
import { realEffects } from "../../harness/effects.ts";
import { installedEngine } from "../../harness/study/installed-engine.ts";
import { type PoolOptions, runTasks } from "../../harness/study/pool.ts";
import type { Task } from "../../harness/study/tasks.ts";
import { aWorkbench, pretendCifar } from "../world/command-line.ts";
import { aFolder, aPreparedFolder } from "../world/run-folders.ts";

const worker = fileURLToPath(new URL("../world/scripted-worker.ts", import.meta.url));

test.each([
  ["0,1", ["0", "1"]],
  [" 3 , 01", ["3", "1"]],
  ["GPU-8932f937,GPU-1a", ["GPU-8932f937", "GPU-1a"]],
  [
    "MIG-GPU-8932f937-d72c/1/2,MIG-GPU-8932f937-d72c/1/3",
    ["MIG-GPU-8932f937-d72c/1/2", "MIG-GPU-8932f937-d72c/1/3"],
  ],
])("--devices %s", (text, devices) => {
  expect(readDevices(text)).toEqual(devices);
});

test.each([
  ["0,0", "0 is named twice"],
  ["1,01", "1 is named twice"],
  ["GPU-89,GPU-8932f937", "GPU-89 and GPU-8932f937 may be one GPU"],
  ["", '"" is not a GPU'],
  ["0,", '"" is not a GPU'],
  ["-1", '"-1" is not a GPU'],
  ["0-3", '"0-3" is not a GPU'],
  ["cuda:0", '"cuda:0" is not a GPU'],
  ["GPU-x; rm", "is not a GPU"],
])("--devices %s is refused", (text, says) => {
  expect(() => readDevices(text)).toThrow(says);
});

test("without the CUDA engine devices are refused, with what to do", async () => {
  expect(() => visibleDevices(["0"], "cpu", {})).toThrow(/has the cpu engine.*--engine cuda/);
  const { run } = aWorkbench();
  if (installedEngine().engine === "cuda") return;
  for (const words of [
    ["run", "--protocol", "micro-1", "--arch", "mlp-8", "--out", "runs/a"],
    ["sweep", "--protocol", "micro-1", "--arch", "mlp-8", "--out", "runs/grid"],
  ]) {
    const { code, stderr } = await run([...words, "--devices", "0,1"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--engine cuda")]);
  }
});

test("indices count among the devices that a scheduler lets this process see", () => {
  const env = { CUDA_VISIBLE_DEVICES: "4, GPU-aa,6" };
  expect(visibleDevices(["0", "2", "1", "GPU-cc"], "cuda", env)).toEqual([
    "4",
    "6",
    "GPU-aa",
    "GPU-cc",
  ]);
  expect(() => visibleDevices(["3"], "cuda", env)).toThrow("devices 0 to 2");
  expect(() => visibleDevices(["0"], "cuda", { CUDA_VISIBLE_DEVICES: "" })).toThrow(
    "CUDA_VISIBLE_DEVICES=",
  );
  expect(visibleDevices(["3"], "cuda", {})).toEqual(["3"]);
});

test("a worker sees one device, counted as nvidia-smi does, and shares its memory where others use it", () => {
  expect(deviceVariables("1", false, {})).toEqual({
    CUDA_VISIBLE_DEVICES: "1",
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
  });
  expect(deviceVariables("4", true, { CUDA_VISIBLE_DEVICES: "4" })).toEqual({
    CUDA_VISIBLE_DEVICES: "4",
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
  });
  const own = { CUDA_DEVICE_ORDER: "FASTEST_FIRST", TF_FORCE_GPU_ALLOW_GROWTH: "false" };
  expect(deviceVariables("1", true, own)).toEqual({
    CUDA_VISIBLE_DEVICES: "1",
    TF_FORCE_GPU_ALLOW_GROWTH: "false",
  });
});

test("there is one training a device, or as many as --jobs says", () => {
  const lanes = (jobs: number | null, devices: string[] | null, before?: number) =>
    lanesFor({ jobs, devices }, { env: {} }, before).jobs;
  expect([lanes(null, null), lanes(3, null), lanes(null, null, 4)]).toEqual([1, 3, 4]);
  expect(() => lanes(1, ["0", "1"])).toThrow(
    "--jobs 1 leaves some of the 2 --devices without work",
  );
});

/** What the workers of these tasks saw, by the task's place. */
async function seenBy(tasks: Task[], jobs: number, devices: string[]) {
  const never = new AbortController().signal;
  const started: (string | null)[] = [];
  const options: PoolOptions = {
    ...{ worker, jobs, devices, interruption: { stop: never, kill: never } },
    onStart: (task, device) => void (started[tasks.indexOf(task)] = device),
    onProgress: () => undefined,
    onLog: () => undefined,
    onEnd: () => undefined,
  };
  const ends = await runTasks(tasks, options);
  expect(ends.every(({ type }) => type === "done")).toBe(true);
  const seen = tasks.map(({ folder, seeds }) => seenIn(folder, seeds[0]!));
  expect(seen.map(({ CUDA_VISIBLE_DEVICES: device }) => device)).toEqual(started);
  return seen;
}

/** What the worker that trained a seed had in its environment. */
function seenIn(folder: string, seed: number) {
  const path = join(folder, "seeds", String(seed), "environment.json");
  return JSON.parse(readFileSync(path, "utf8")) as Record<string, string | number>;
}

function makeTasks(count: number): Task[] {
  return Array.from({ length: count }, () => {
    const folder = aFolder();
    const configuration = { protocolId: "a".repeat(64), arch: "mlp-8", regs: "none" };
    writeFileSync(join(folder, "config.json"), JSON.stringify(configuration));
    writeFileSync(join(folder, ".script.json"), JSON.stringify({ epochMilliseconds: 60 }));
    return { folder, arch: "mlp-8", regs: "none", seeds: [1], threads: 1 };
  });
}

test("each worker process has a device of its own, and keeps it from task to task", async () => {
  const seen = await seenBy(makeTasks(6), 3, ["2", "GPU-aa", "0"]);
  const devices = seen.map(({ CUDA_VISIBLE_DEVICES: device }) => device);
  expect(devices.slice(0, 3)).toEqual(["2", "GPU-aa", "0"]);
  const processes = new Map(seen.map(({ pid, CUDA_VISIBLE_DEVICES: device }) => [pid, device]));
  expect([...processes.values()].sort()).toEqual(["0", "2", "GPU-aa"]);
  expect(seen.every(({ TF_FORCE_GPU_ALLOW_GROWTH: shares }) => shares === undefined)).toBe(true);
});

test("more jobs than devices share them in turn", async () => {
  const seen = await seenBy(makeTasks(5), 5, ["0", "1"]);
  expect(seen.map(({ CUDA_VISIBLE_DEVICES: device }) => device)).toEqual(["0", "1", "0", "1", "0"]);
  expect(new Set(seen.map(({ pid }) => pid)).size).toBe(5);
  expect(seen.every(({ TF_FORCE_GPU_ALLOW_GROWTH: shares }) => shares === "true")).toBe(true);
});

test("a worker that died is replaced on the same device", async () => {
  const tasks = makeTasks(3);
  writeFileSync(join(tasks[0]!.folder, ".script.json"), JSON.stringify({ acts: { 1: "crash" } }));
  const never = new AbortController().signal;
  const ends = await runTasks(tasks, {
    ...{ worker, jobs: 1, devices: ["7"], interruption: { stop: never, kill: never } },
    ...{ onStart: () => undefined, onProgress: () => undefined },
    ...{ onLog: () => undefined, onEnd: () => undefined },
  });
  expect(ends.map(({ type }) => type)).toEqual(["failed", "done", "done"]);
  const seen = tasks.map(({ folder }) => seenIn(folder, 1));
  expect(seen.map(({ CUDA_VISIBLE_DEVICES: device }) => device)).toEqual(["7", "7", "7"]);
  expect(seen[0]!.pid).not.toBe(seen[1]!.pid);
});

test("the seeds of a run are spread over the devices that the command was given, and its log says so", async () => {
  const cwd = aFolder();
  pretendCifar(join(cwd, "cache", "datasets", "cifar10"));
  const root = join(cwd, "a");
  mkdirSync(root);
  const { folders, exitCode } = await train(
    {
      ...{ root, many: false, jobs: 2, devices: ["0", "1"], quiet: true, code: [], typed: ["run"] },
      prepare: () => [aPreparedFolder(root, { seeds: [1, 2, 3, 4] })],
    },
    { ...realEffects, ...{ cwd, worker, env: { RADEMARK_CACHE: join(cwd, "cache") } } },
  );
  expect([exitCode, folders.length]).toEqual([0, 1]);
  const devices = [1, 2, 3, 4].map((seed) => seenIn(root, seed).CUDA_VISIBLE_DEVICES);
  expect(devices).toEqual(["0", "0", "1", "1"]);
  expect(readFileSync(join(root, "log.txt"), "utf8")).toMatch(
    /training seeds 3, 4, 1 threads, device 1/,
  );
});
