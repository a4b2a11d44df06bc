import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  rateCheck,
  type Setting,
  deviceCheck,
  gpuChecks,
  libraryCheck,
} from "../../harness/doctor/doctor.ts";
import {
  clockCheck,
  diskCheck,
  fileClock,
  examineDisk,
  examineMachine,
  machineChecks,
  memoryCheck,
  processorCheck,
  setSwitches,
  switchesCheck,
  watchClock,
  findGpus,
} from "../../harness/doctor/machine-checks.ts";
import { temporaryFolder } from "../setup/effects.ts";

const GIB = 2 ** 30;
const NOW = Date.parse("2026-11-24T00:00:00Z");

test("this machine is described, with the data sets of its cache", async () => {
  const cache = temporaryFolder();
  mkdirSync(join(cache, "datasets/cifar10"), { recursive: true });
  writeFileSync(join(cache, "datasets/cifar10/train.bin"), "cut off");
  const machine = await examineMachine({ ...process.env, RADEMARK_CACHE: cache }, cache);
  expect(machine.npm).toMatch(/^\d+\.\d+\.\d+$/);
  expect(machine.memory.freeBytes).toBeGreaterThan(0);
  expect(machine.memory.totalBytes).toBeGreaterThanOrEqual(machine.memory.freeBytes!);
  expect(machine.disks.map(({ folder }) => folder)).toEqual([cache, cache]);
  const checks = new Map(machineChecks(machine).map((check) => [check.name, check]));
  expect(checks.get("node")!.says).toContain(`Node ${process.version} and npm ${machine.npm}`);
  expect(checks.get("data sets")).toMatchObject({
    state: "warn",
    says: "cifar10: the files in the cache are damaged.",
    mend: "rademark data get cifar10",
  });
  const whole = machine.datasets.map(({ name }) => ({ name, state: "missing" as const }));
  const missing = machineChecks({ ...machine, datasets: whole }).at(-1)!;
  expect(missing).toMatchObject({ state: "ok" });
  expect(missing.says).toMatch(/^In the cache: none. Fetched when needed: .*cifar10/);
});

test("without npm on PATH the software check says so", async () => {
  const machine = await examineMachine({ PATH: temporaryFolder() }, "/");
  expect(machine.npm).toBe(null);
  expect(machineChecks(machine)[0]).toMatchObject({ name: "node", state: "warn" });
});

test("little memory warns, hardly any fails", () => {
  const state = (freeBytes: number) => memoryCheck({ freeBytes, totalBytes: 16 * GIB }).state;
  expect([4 * GIB, GIB, GIB / 4].map(state)).toEqual(["ok", "warn", "fail"]);
});

test("a busy processor warns, since the rates come out low", () => {
  const state = (load: number) => processorCheck({ processor: "Zen", cores: 4, load }).state;
  expect([0, 4, 6].map(state)).toEqual(["ok", "ok", "warn"]);
});

test("a disk is judged by its room and by whether it can be written", () => {
  const folder = temporaryFolder();
  const disk = examineDisk("disk", join(folder, "not/made/yet"));
  expect(disk.freeBytes).toBeGreaterThan(0);
  expect(disk.totalBytes).toBeGreaterThan(disk.freeBytes!);
  const check = (changes: object) => diskCheck({ ...disk, ...changes }, "cd elsewhere").state;
  expect(check({ freeBytes: 10 * GIB })).toBe("ok");
  expect(check({ freeBytes: GIB })).toBe("warn");
  expect(check({ freeBytes: GIB / 100 })).toBe("fail");
  expect(check({ freeBytes: null })).toBe("fail");
  const below = examineDisk("disk", "/dev/null/cache");
  expect(diskCheck({ ...below, freeBytes: 10 * GIB }, "cd elsewhere")).toMatchObject({
    state: "fail",
    says: "Nothing can be written to /dev/null/cache.",
  });
});

test("the clock is compared with the year, the files' time, and a clock that only runs on", () => {
  const state = (now: number, files: number | null, drift: number) =>
    clockCheck(now, { files, drift }).state;
  expect(state(NOW, 0.01, 0.001)).toBe("ok");
  expect(state(NOW, null, 0)).toBe("ok");
  expect(state(Date.parse("1970-01-02"), 0, 0)).toBe("fail");
  expect(state(Date.parse("2125-01-02"), 0, 0)).toBe("fail");
  expect(state(NOW, -3600, 0)).toBe("warn");
  expect(state(NOW, 0, 30)).toBe("warn");
});

test("a wall clock that is moved while it is watched is seen", () => {
  let moved = 0;
  const drift = watchClock(() => Date.now() + moved);
  expect(Math.abs(drift())).toBeLessThan(0.5);
  moved = 7_000;
  expect(drift()).toBeGreaterThan(6.5);
});

test("the file system's time is the time of a file that is written now", () => {
  const folder = temporaryFolder();
  expect(Math.abs(fileClock(folder, Date.now)!)).toBeLessThan(5);
  expect(fileClock(folder, () => Date.now() - 100_000)).toBeGreaterThan(95);
  expect(fileClock(join(folder, "not-there"), Date.now)).toBe(null);
});

test("variables that change numbers are named with the command that takes them back", () => {
  const check = (env: Record<string, string>) => switchesCheck(setSwitches(env));
  expect(check({ HOME: "/root", TF_CPP_MIN_LOG_LEVEL: "0" })).toMatchObject({ state: "ok" });
  expect(check({ TF_ENABLE_ONEDNN_OPTS: "0", XLA_FLAGS: "--x" })).toMatchObject({
    state: "warn",
    says: "These change numbers in TensorFlow: TF_ENABLE_ONEDNN_OPTS=0, XLA_FLAGS=--x.",
    mend: "unset TF_ENABLE_ONEDNN_OPTS XLA_FLAGS",
  });
  expect(check({ TF_AUTO_MIXED_PRECISION_GRAPH_REWRITE_LEVEL: "1" })).toMatchObject({
    state: "warn",
  });
  expect(check({ CUDA_VISIBLE_DEVICES: "1" })).toMatchObject({ state: "ok" });
  expect(check({ TF_DETERMINISTIC_OPS: "1" })).toMatchObject({ state: "ok" });
  expect(check({ TF_DETERMINISTIC_OPS: "0" })).toMatchObject({ state: "warn" });
});

test("a rate is told with what it was measured on, and warned of when it cannot be right", () => {
  const check = (value: number, gpu = false) =>
    rateCheck("matmul", { ok: true, value }, { gpu, threads: 2 }, "npm start");
  expect(check(95).says).toBe("1024 x 1024 matrices are multiplied at 95 GFLOP/s on 2 threads.");
  expect(check(3)).toMatchObject({ state: "warn", mend: "top" });
  expect(check(95, true)).toMatchObject({ state: "warn", mend: "nvidia-smi" });
  const failed = rateCheck(
    "convolution",
    { ok: false, words: "no" },
    { gpu: false, threads: 1 },
    "npm start",
  );
  expect(failed).toMatchObject({ state: "fail", mend: "npm start" });
});

/** Looks for GPUs where `nvidia-smi` prints this, and only when it is asked in its own words. */
function findWith(lines: string[], code = 0) {
  const PATH = temporaryFolder();
  const printed = lines.map((line) => `echo '${line}'`).join("\n");
  const asked =
    '"$*" = "--query-gpu=name,driver_version,memory.total,memory.free --format=csv,noheader,nounits"';
  writeFileSync(
    join(PATH, "nvidia-smi"),
    `#!/bin/sh\nif [ ${asked} ]; then\n${printed}\nexit ${code}\nfi\nexit 2\n`,
    { mode: 0o755 },
  );
  return findGpus({ PATH });
}

const MIB = 2 ** 20;

test("what nvidia-smi lists is read, one GPU a line", async () => {
  const found = await findWith([
    "NVIDIA GeForce RTX 4090, 550.120, 24564, 23011",
    "NVIDIA H100 80GB HBM3, 550.120, 81559, 1024",
  ]);
  expect(found).toEqual({
    state: "found",
    gpus: [
      {
        name: "NVIDIA GeForce RTX 4090",
        driver: "550.120",
        memoryBytes: 24564 * MIB,
        freeBytes: 23011 * MIB,
      },
      {
        name: "NVIDIA H100 80GB HBM3",
        driver: "550.120",
        memoryBytes: 81559 * MIB,
        freeBytes: 1024 * MIB,
      },
    ],
  });
  expect(gpuChecks(found, "cuda")).toMatchObject([
    { name: "driver", state: "ok", says: "NVIDIA's driver 550.120." },
    {
      name: "GPU 0 memory",
      state: "ok",
      says: "22.5 GiB of 24.0 GiB are free on NVIDIA GeForce RTX 4090.",
    },
    { name: "GPU 1 memory", state: "warn", mend: "nvidia-smi" },
  ]);
});

test("a GPU that shares its memory with the processor does not tell it", async () => {
  const found = await findWith(["NVIDIA GB10, 580.95.05, [N/A], [N/A]"]);
  expect(found).toMatchObject({
    gpus: [{ name: "NVIDIA GB10", memoryBytes: null, freeBytes: null }],
  });
  expect(gpuChecks(found, "cuda")[1]).toMatchObject({
    state: "ok",
    says: "NVIDIA GB10 does not report its memory.",
  });
});

test("a driver that does not answer is told in its own words", async () => {
  const lost = [
    'NVIDIA-SMI has failed because it couldn"t communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.',
  ];
  const failed = await findWith(lost, 9);
  expect(gpuChecks(failed, "cuda")).toMatchObject([{ state: "fail" }]);
  expect(gpuChecks(failed, "cpu")).toMatchObject([
    {
      state: "warn",
      says: expect.stringContaining("communicate with the NVIDIA driver") as string,
    },
  ]);
  const mismatch = await findWith(
    ["Failed to initialize NVML: Driver/library version mismatch"],
    18,
  );
  expect(gpuChecks(mismatch, "cuda")).toMatchObject([{ state: "fail", mend: "sudo reboot" }]);
  expect(await findWith(["No devices were found"])).toMatchObject({
    state: "broken",
    words: "No devices were found",
  });
  expect(await findWith([])).toMatchObject({ state: "broken" });
});

test("without the tool there is no NVIDIA driver, and nothing to say of it", async () => {
  const none = await findGpus({ PATH: temporaryFolder() });
  expect(none).toEqual({ state: "none" });
  expect(gpuChecks(none, "cpu")).toEqual([]);
});

test("a driver too old for CUDA 12 fails where CUDA is used", async () => {
  const old = await findWith(["Tesla V100-SXM2-16GB, 470.256.02, 16160, 16150"]);
  expect(gpuChecks(old, "cuda")[0]).toMatchObject({
    state: "fail",
    mend: "npm start -- --engine cpu",
  });
  expect(gpuChecks(old, "cpu")[0]).toMatchObject({ state: "ok" });
});

const setting = (changes: Partial<Setting> = {}): Setting => ({
  asked: "auto",
  engine: "cuda",
  addon: "/engine/tfjs_binding.node",
  pinned: "2.21.0",
  rebuild: "rm -rf '/engine' && npm start",
  ...changes,
});
const gpu = {
  state: "found" as const,
  gpus: [{ name: "NVIDIA L4", driver: "550.1", memoryBytes: 1, freeBytes: 1 }],
};
const none = { state: "none" as const };
const loaded = (onGpu: boolean) => ({ version: "2.21.0", gpu: onGpu });

test("the device is the one that was asked for, or what is missing is said", () => {
  const check = (...given: Parameters<typeof deviceCheck>) => {
    const { state, says, mend } = deviceCheck(...given);
    return [state, says, mend];
  };
  expect(check(setting(), loaded(true), gpu, {}, [])).toEqual([
    "ok",
    "Computes on the GPU: NVIDIA L4.",
    null,
  ]);
  expect(check(setting({ asked: "cpu" }), loaded(false), gpu, {}, [])[0]).toBe("ok");
  expect(check(setting({ engine: "cpu" }), loaded(false), none, {}, [])[0]).toBe("ok");
  const words = [
    "I0000 00:00:1795487419.363942    7128 cpu_feature_guard.cc:227] This TensorFlow binary is optimized to use available CPU instructions.",
    "W0000 00:00:1795487419.378000    7128 gpu_device.cc:2431] Cannot dlopen some GPU libraries. Please make sure the missing libraries mentioned above are installed properly.",
    "Skipping registering GPU devices...",
  ];
  expect(check(setting(), loaded(false), gpu, {}, words)).toEqual([
    "fail",
    expect.stringMatching(/^CUDA's library computes on the CPU: Cannot dlopen some GPU libraries/),
    "npm start -- --engine cpu",
  ]);
  const hidden = { CUDA_VISIBLE_DEVICES: "" };
  expect(check(setting(), loaded(false), gpu, hidden, words)).toEqual([
    "warn",
    'Computes on the CPU: CUDA_VISIBLE_DEVICES is "".',
    "unset CUDA_VISIBLE_DEVICES",
  ]);
});

test.runIf(process.platform === "linux" && process.arch === "x64")(
  "a GPU left idle by the CPU's library is pointed out, unless the CPU was asked for",
  () => {
    const idle = setting({ engine: "cpu" });
    expect(deviceCheck(idle, loaded(false), gpu, {}, [])).toMatchObject({
      state: "warn",
      mend: "npm start -- --engine cuda",
    });
    expect(deviceCheck({ ...idle, asked: "cpu" }, loaded(false), gpu, {}, [])).toMatchObject({
      state: "ok",
    });
  },
);

test("another version, or another library than asked for, is named with what mends it", () => {
  const check = (changes: Partial<Setting>, version = "2.21.0") =>
    libraryCheck(setting(changes), { ok: true, value: { version, gpu: false } });
  expect(check({})).toMatchObject({ state: "ok" });
  expect(check({}, "2.9.1")).toMatchObject({ state: "warn", mend: "npm start" });
  expect(check({ asked: "cuda", engine: "cpu" })).toMatchObject({
    state: "fail",
    mend: "npm start -- --engine cuda",
  });
});
