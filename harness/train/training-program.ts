/** @file The program of a run: initialise, train, count, evaluate, calibrate, over variables that never leave the session. */

import {
  Program,
  type InputSpec,
  type Scope,
  type Tensors,
  type Variable,
} from "../engine/program.ts";
import { normal, purposeKey } from "../engine/ops/random.ts";
import { tf, type Tensor } from "../engine/tensorflow.ts";
import type { Initial } from "../model/network.ts";
import { evaluate } from "./evaluation.ts";
import { normalise } from "./images.ts";
import { MIX_WIDTH } from "./mix.ts";
import { calibrationPass, normConstants } from "./passes.ts";
import type { Plan } from "./plan.ts";
import { trainStep } from "./train-step.ts";
import {
  allParameters,
  stateVariables,
  trainingNetwork,
  type TrainingNetwork,
} from "./training-network.ts";
import * as tables from "./training-tables.ts";

/** How much is done in one call of the session. */
export interface CallSizes {
  /** Training steps in one call: more of them hide the cost of a call behind small networks. */
  stepsPerCall: number;
  /** Samples in one call of an evaluation. */
  evaluateBatch: number;
  /** Images come with each call instead of living in the session. */
  streamed: boolean;
}

export interface TrainingProgram {
  program: Program;
  network: TrainingNetwork;
  tables: tables.Tables;
  /** What a checkpoint holds. */
  state: Variable[];
  /** [correct, clipped, online of each head] and the summed class loss since they were last read. */
  counters: { counts: Variable; lossSum: Variable };
  /** Whether the trunk has BatchNorm statistics to calibrate. */
  calibrated: boolean;
}

/**
 * Functions: `initialize` {key}; `train` {rows, rates, key}; `counts` {} (and back to zero);
 * `evaluate-train`, `evaluate-test` {rows}; `calibrate` {rows, share}. Streamed ones take {pixels} too.
 */
export function trainingProgram(plan: Plan, sizes: CallSizes): TrainingProgram {
  const program = new Program();
  const network = trainingNetwork(program, plan);
  const tabled = tables.makeTables(program, plan, sizes.streamed);
  const counters = {
    counts: program.variable("counts", [2 + plan.heads.length], "int32"),
    lossSum: program.variable("loss-sum", []),
  };
  const built = {
    program,
    network,
    tables: tabled,
    state: [...stateVariables(network), counters.counts, counters.lossSum],
    counters,
    calibrated: network.net.statistics.length > 0,
  };
  defineInitialize(built);
  defineTrain(built, plan, sizes);
  for (const split of ["train", "test"] as const)
    program.define(
      `evaluate-${split}`,
      tables.sampleInputs(plan, tabled, sizes.evaluateBatch),
      (inputs, scope) => evaluate(scope, plan, network, tabled, split, inputs),
    );
  if (built.calibrated) defineCalibrate(built, plan);
  return built;
}

function defineInitialize(built: TrainingProgram): void {
  const { program, network, state } = built;
  const parameters = new Map(allParameters(network).map((p) => [p.variable, p.initial]));
  const variances = new Set(network.net.statistics.map(({ variance }) => variance));
  program.define("initialize", { key: { shape: [2], dtype: "int32" } }, ({ key }, scope) => {
    for (const [i, variable] of state.entries()) {
      if (variable.dtype !== "float32") continue;
      const initial = parameters.get(variable) ?? { value: variances.has(variable) ? 1 : 0 };
      scope.assign(variable, initialValue(variable, initial, purposeKey(key!, i)));
    }
    zeroCounters(scope, built);
    return {};
  });
}

function initialValue({ shape }: Variable, initial: Initial, key: Tensor): Tensor {
  if ("value" in initial) return tf.fill([...shape], initial.value);
  return tf.mul(normal(shape, key), initial.deviation);
}

function defineTrain(built: TrainingProgram, plan: Plan, sizes: CallSizes): void {
  const { program, network, counters } = built;
  const { batch } = plan.protocol;
  const steps = sizes.stepsPerCall;
  const mixes = plan.regularizers.mixup > 0 || plan.regularizers.cutmix > 0;
  const inputs: Record<string, InputSpec> = {
    ...tables.sampleInputs(plan, built.tables, steps * batch),
    rates: { shape: [steps], dtype: "float32" },
    key: { shape: [2], dtype: "int32" },
    ...(mixes ? { mix: { shape: [steps * MIX_WIDTH], dtype: "float32" } } : {}),
  };
  program.define("train", inputs, (given, scope) => {
    for (let k = 0; k < steps; k++) {
      const step = stepInputs(scope, plan, built.tables, given, k);
      const counted = trainStep(scope, plan, network, step);
      const { correct, clipped, online } = counted;
      scope.add(counters.counts, tf.concat([tf.stack([correct, clipped]), online]));
      scope.add(counters.lossSum, counted.lossSum);
    }
    return {};
  });
  program.define("counts", {}, (_, scope) => {
    const { counts, lossSum } = counters;
    const now = { counts: scope.read(counts), lossSum: scope.read(lossSum) };
    zeroCounters(scope, built);
    return now;
  });
}

function zeroCounters(scope: Scope, { counters }: TrainingProgram): void {
  scope.assign(counters.counts, tf.zeros([...counters.counts.shape], "int32"));
  scope.assign(counters.lossSum, tf.scalar(0));
}

/** The k-th step's share of what one call was fed. */
function stepInputs(
  scope: Scope,
  plan: Plan,
  tabled: tables.Tables,
  given: Tensors,
  k: number,
): Parameters<typeof trainStep>[3] {
  const { batch } = plan.protocol;
  const part = (name: string, size: number) => tf.slice(given[name]!, [k * size], [size]);
  const rows = part("rows", batch);
  const pixels = given["pixels"]
    ? tf.slice(given["pixels"], [k * batch, 0, 0, 0], [batch, -1, -1, -1])
    : undefined;
  const key = tf.add(given["key"]!, tf.tensor1d([0, k], "int32"));
  return {
    pixels: tables.samplePixels(scope, tabled, "train", { rows, ...(pixels ? { pixels } : {}) }),
    classes: tables.sampleClasses(scope, tabled, "train", rows),
    randomLabels: (n) => tables.sampleRandomLabels(scope, tabled, n, rows),
    rate: tf.reshape(part("rates", 1), []),
    key,
    step: tf.cast(tf.reshape(tf.slice(key, [1], [1]), []), "float32"),
    mix: given["mix"] ? part("mix", MIX_WIDTH) : null,
  };
}

function defineCalibrate({ program, network, tables: tabled }: TrainingProgram, plan: Plan): void {
  const { batch, normalize } = plan.protocol;
  const inputs = {
    ...tables.sampleInputs(plan, tabled, batch),
    share: { shape: [], dtype: "float32" },
  } as const;
  program.define("calibrate", inputs, (given, scope) => {
    const pixels = tables.samplePixels(scope, tabled, "train", given);
    const pass = calibrationPass(scope, normConstants(plan.protocol), given["share"]!);
    network.trunk.forward(normalise(pixels, normalize), pass);
    return {};
  });
}
