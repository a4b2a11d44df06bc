import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findGpus } from "../../harness/doctor/machine.ts";
import { type Setting, deviceCheck, gpuChecks, libraryCheck } from "../../harness/doctor/doctor.ts";
import { temporaryFolder } from "../setup/folder.ts";

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
