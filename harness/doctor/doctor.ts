/** @file Tries the machine, the library and the engine, and says what was found. */

import type { DoctorDocument } from "./check.ts";
import { engineChecks } from "./engine-checks.ts";
import { tryEngine } from "./engine-findings.ts";
import { machineChecks } from "./machine-checks.ts";

/** One of each family. */
const FAMILIES = ["mlp-16", "cnn-4", "vgg-11", "resnet-20", "wrn-10-1", "vit-ti-8", "mixer-s-8"];

/** @param quick the two small families only. */
export async function examine(options: {
  quick: boolean;
  now: number;
  onStep: (step: string) => void;
}): Promise<DoctorDocument> {
  const archs = options.quick ? FAMILIES.slice(0, 2) : FAMILIES;
  options.onStep("machine");
  const machine = await machineChecks(options.now);
  options.onStep(`engine: ${archs.length} architectures, graph against eager; rates`);
  const first = await tryEngine("rates", archs);
  options.onStep("engine: a second process, on the CPU");
  const second = await tryEngine("again", archs, { ...process.env, CUDA_VISIBLE_DEVICES: "-1" });
  const checks = [...engineChecks(first, second), ...machine];
  return { healthy: checks.every(({ state }) => state !== "fail"), checks };
}
