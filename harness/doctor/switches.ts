/** @file Environment variables that reach into TensorFlow, oneDNN and CUDA. */

import { type Check, ok, warn } from "./check.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Read by the library 2.21 itself, by oneDNN in it, or by NVIDIA's libraries. Any of them changes low bits or more. */
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

/** Wished for where it is set: the way to repeat a run bit for bit on a GPU. */
const WISHED: Readonly<Record<string, string>> = { TF_DETERMINISTIC_OPS: "1" };

/** Those that decide where and how fast, never what. */
const CHANGE_SPEED = [
  "CUDA_VISIBLE_DEVICES",
  "TF_FORCE_GPU_ALLOW_GROWTH",
  "TF_GPU_ALLOCATOR",
  "TF_GPU_THREAD_MODE",
  "GLIBC_TUNABLES",
];

export function setSwitches(env: Env): Record<string, string> {
  const wanted = (name: string) =>
    CHANGE_NUMBERS.includes(name) || CHANGE_SPEED.includes(name) || MIXED_PRECISION.test(name);
  const entries = Object.entries(env).filter((entry): entry is [string, string] => {
    return wanted(entry[0]) && entry[1] !== undefined;
  });
  return Object.fromEntries(entries.sort());
}

export function switchesCheck(switches: Readonly<Record<string, string>>): Check {
  const name = "switches";
  const shown = (names: string[]) => names.map((one) => `${one}=${switches[one]}`).join(", ");
  const names = Object.keys(switches);
  const unwished = names.filter(
    (one) => !CHANGE_SPEED.includes(one) && WISHED[one] !== switches[one],
  );
  if (unwished.length > 0)
    return warn(
      name,
      `These change numbers in TensorFlow: ${shown(unwished)}.`,
      `unset ${unwished.join(" ")}`,
    );
  if (names.length === 0)
    return ok(name, "No variable is set that changes what TensorFlow computes.");
  return ok(name, `Nothing is set that makes the numbers others than expected (${shown(names)}).`);
}
