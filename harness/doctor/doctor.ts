/** @file Examines machine and engine, and says what was found. The process itself never loads TensorFlow. */

import { cacheFolder } from "../data/cache-folder.ts";
import { installedEngine } from "../sweep/installed-engine.ts";
import type { Check } from "./check.ts";
import { clockCheck, fileClock, watchClock } from "./clock.ts";
import { nearest } from "./disks.ts";
import type { DoctorDocument } from "./document.ts";
import { examineEngine } from "./engine-examination.ts";
import { findGpus } from "./gpus.ts";
import { gpuChecks, type Setting } from "./library-checks.ts";
import { findAddon, harnessVersion, pinnedVersion, rebuildCommand } from "./library-location.ts";
import { machineChecks } from "./machine-checks.ts";
import { lookAtMachine } from "./machine.ts";
import { LARGE_FAMILIES, SMALL_FAMILIES } from "./self-test.ts";
import { EAGER_TOLERANCE, GPU_TOLERANCE } from "./step-distance.ts";

export interface Progress {
  /** Before something that takes time. */
  onStep: (what: string) => void;
  onCheck: (check: Check) => void;
}

export interface DoctorOptions extends Progress {
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
  const [start, drift, checks]: [number, () => number, Check[]] = [now(), watchClock(now), []];
  const onCheck = (check: Check): void => {
    checks.push(check);
    options.onCheck(check);
  };
  onStep("look at the machine");
  const machine = await lookAtMachine(env, options.cwd);
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
