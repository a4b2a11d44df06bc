/** @file Loads the library, tries every family, measures the rates: all of the doctor that takes time. */

import type { Check } from "./check.ts";
import type { DoctorDocument } from "./document.ts";
import { EngineProcess, type Outcome } from "./engine-process.ts";
import type { Gpus } from "./gpus.ts";
import { deviceCheck, libraryCheck, type Setting } from "./library-checks.ts";
import type { Library } from "./questions.ts";
import { rateCheck } from "./rate-checks.ts";
import { determinismCheck, familyCheck, familyFigures, gpuCheck } from "./self-test-checks.ts";
import { type Environment, type FamilyTrial, NO_GPU, selfTest } from "./self-test.ts";

export interface EngineOptions {
  setting: Setting;
  archs: readonly string[];
  env: Environment;
  gpus: Gpus;
  threads: number;
  /** Before something that takes time. */
  onStep: (what: string) => void;
  onCheck: (check: Check) => void;
}

export interface EngineFindings {
  library: Outcome<Library>;
  printed: string[];
  selfTest: DoctorDocument["selfTest"];
  rates: DoctorDocument["rates"];
}

/** Every check is told as soon as it is known; a library that does not load ends it. */
export async function examineEngine(options: EngineOptions): Promise<EngineFindings> {
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

/** In one process, alone and under the person's own switches: as training will run. */
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
