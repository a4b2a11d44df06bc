/** @file What the doctor makes of the library and of the device it computes on. */

import { type Check, fail, ok, warn } from "./check.ts";
import type { Gpu } from "./document.ts";
import type { Outcome } from "./engine-process.ts";
import type { Gpus } from "./gpus.ts";
import type { Library } from "./questions.ts";

/** CUDA 12 runs on no older driver. */
const LEAST_DRIVER = 525;
const GIB = 2 ** 30;
/** A wrn-16-4 of batch 128 takes about this. */
const ENOUGH_GPU_MEMORY = 2 * GIB;

export interface Setting {
  asked: "cpu" | "cuda" | "auto";
  /** Of the library that the set-up put there. */
  engine: "cpu" | "cuda";
  /** The addon's path; null when there is none. */
  addon: string | null;
  /** The version that the set-up of this checkout fetches. */
  pinned: string;
  /** Fetches and builds the engine anew. */
  rebuild: string;
}

export function libraryCheck(setting: Setting, library: Outcome<Library>): Check {
  const { asked, engine, addon, pinned, rebuild } = setting;
  const name = "library";
  if (addon === null) return fail(name, "TensorFlow is not set up in this folder.", "npm start");
  if (!library.ok) return fail(name, `TensorFlow does not load: ${library.words}.`, rebuild);
  const { version } = library.value;
  if (version !== pinned)
    return warn(
      name,
      `This is TensorFlow ${version}, and the set-up fetches ${pinned} (${addon}).`,
      "npm start",
    );
  if (asked === "cuda" && engine === "cpu")
    return fail(
      name,
      "The CPU's library is linked, and --engine cuda asks for CUDA's.",
      "npm start -- --engine cuda",
    );
  return ok(name, `TensorFlow ${version} loads (${addon}).`);
}

/** @param printed by the library, which says there why it uses no GPU. */
export function deviceCheck(
  { asked, engine }: Setting,
  { gpu }: Library,
  found: Gpus,
  env: Readonly<Record<string, string | undefined>>,
  printed: readonly string[],
): Check {
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

/** The driver and the memory of the GPUs; null where no NVIDIA driver is. */
export function gpuChecks(found: Gpus, engine: "cpu" | "cuda"): Check[] {
  if (found.state === "none") return [];
  if (found.state === "broken") {
    const says = `nvidia-smi does not list the GPUs: ${found.words}.`;
    const mend = /mismatch/i.test(found.words) ? "sudo reboot" : "nvidia-smi";
    return [engine === "cuda" ? fail("driver", says, mend) : warn("driver", says, mend)];
  }
  return [driverCheck(found.gpus[0]!, engine), ...found.gpus.map(gpuMemoryCheck)];
}

function driverCheck({ driver }: Gpu, engine: "cpu" | "cuda"): Check {
  if (engine === "cpu" || Number.parseInt(driver) >= LEAST_DRIVER)
    return ok("driver", `NVIDIA's driver ${driver}.`);
  return fail(
    "driver",
    `NVIDIA's driver ${driver} is older than ${LEAST_DRIVER}, which CUDA 12 needs.`,
    "npm start -- --engine cpu",
  );
}

function gpuMemoryCheck({ name, freeBytes, memoryBytes }: Gpu, index: number): Check {
  const title = `GPU ${index} memory`;
  if (freeBytes === null || memoryBytes === null)
    return ok(title, `${name} does not tell its memory.`);
  const says = `${gib(freeBytes)} of ${gib(memoryBytes)} are free on ${name}.`;
  return freeBytes >= ENOUGH_GPU_MEMORY ? ok(title, says) : warn(title, says, "nvidia-smi");
}

const gib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;
const names = (gpus: readonly Gpu[]) => gpus.map(({ name }) => name).join(", ");

/** Why the library uses no GPU, without level, time, thread and source line. */
function reason(printed: readonly string[]): string | undefined {
  const line =
    printed.find((each) => /dlopen|cuInit|cuda drivers/i.test(each)) ??
    printed.findLast((each) => /\bGPU/i.test(each));
  return line?.replace(/^.*?\S+:\d+\] /, "");
}
