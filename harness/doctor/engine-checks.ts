/** @file What the doctor makes of the engine: library, device, self-test, a second process, rates. */

import { ok, fail, warn, type Check } from "./check.ts";
import type { EngineAnswer, EngineFindings, Trial } from "./engine-findings.ts";

/** Largest difference allowed, as a share of the largest feature. Graph and eager differ in the order of sums only. */
export const GRAPH_TOLERANCE = 1e-3;
/** TF32 keeps ten bits of a factor, and a step's differences grow through the layers. */
export const GPU_TOLERANCE = 5e-2;

/** @param first found here; @param second by another process, on the CPU. */
export function engineChecks(first: EngineAnswer, second: EngineAnswer): Check[] {
  if (!first.ok) return [fail("library", first.words, "npm start (sets the engine up)")];
  const { version, gpu, rates } = first.findings;
  return [
    ok("library", `TensorFlow ${version}`),
    ok("device", gpu ? "GPU" : "CPU"),
    graphCheck(first.findings),
    ...(second.ok
      ? [
          gpu
            ? gpuCheck(first.findings, second.findings)
            : repeatCheck(first.findings, second.findings),
        ]
      : [fail("second process", second.words, "npm start (sets the engine up)")]),
    ...(rates ? [ratesCheck(rates)] : []),
  ];
}

function graphCheck({ recorded, eager }: EngineFindings): Check {
  const { arch, apart } = worst(recorded, eager);
  const says = `${recorded.length} architectures, largest difference ${apart.toExponential(1)} (${arch})`;
  return apart <= GRAPH_TOLERANCE
    ? ok("graph against eager", `${says}, allowed ${GRAPH_TOLERANCE}`)
    : fail("graph against eager", `${says}, allowed ${GRAPH_TOLERANCE}`, REPORT);
}

function gpuCheck(gpu: EngineFindings, cpu: EngineFindings): Check {
  const { arch, apart } = worst(gpu.recorded, cpu.recorded);
  const says = `largest difference ${apart.toExponential(1)} (${arch}), allowed ${GPU_TOLERANCE}`;
  return apart <= GPU_TOLERANCE
    ? ok("CPU against GPU", says)
    : fail("CPU against GPU", says, REPORT);
}

function repeatCheck(first: EngineFindings, second: EngineFindings): Check {
  const { arch, apart } = worst(first.recorded, second.recorded);
  if (apart === 0) return ok("determinism", "another process gives the same bits");
  const says = `another process differs by ${apart.toExponential(1)} (${arch})`;
  return warn(
    "determinism",
    says,
    "set --threads to a fixed number; results still compare within rounding",
  );
}

function ratesCheck({ gemm, convolution }: { gemm: number; convolution: number }): Check {
  const round = (value: number) => value.toFixed(value < 10 ? 1 : 0);
  const says = `matrix product ${round(gemm)} GFLOP/s, 3x3 convolution ${round(convolution)} GFLOP/s`;
  return ok("rates", says);
}

const REPORT = "report it with the output of: rademark doctor --json";

/** Largest difference of features over all architectures, as a share of the largest feature. */
export function worst(a: readonly Trial[], b: readonly Trial[]): { arch: string; apart: number } {
  return a
    .map((trial, i) => ({ arch: trial.arch, apart: distance(trial, b[i]) }))
    .reduce((most, one) => (one.apart > most.apart || Number.isNaN(one.apart) ? one : most));
}

function distance(a: Trial, b: Trial | undefined): number {
  if (b?.arch !== a.arch || b.features.length !== a.features.length) return NaN;
  let [top, apart] = [Math.abs(b.loss), Math.abs(a.loss - b.loss)];
  const lossApart = apart / Math.max(top, 1e-6);
  [top, apart] = [1e-6, 0];
  for (const [i, value] of a.features.entries()) {
    top = Math.max(top, Math.abs(b.features[i]!));
    apart = Math.max(apart, Math.abs(value - b.features[i]!));
  }
  return Math.max(lossApart, apart / top);
}
