import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
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
} from "../../harness/doctor/machine.ts";
import { rateCheck } from "../../harness/doctor/doctor.ts";
import { temporaryFolder } from "../setup/folder.ts";

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
