/** @file The program of a run: initialize, train, count, evaluate, calibrate, on variables that stay in the session. */

import {
  type InputSpec,
  Program,
  type Scope,
  type Tensors,
  type Variable,
} from "../engine/program.ts";
import { normal, purposeKey } from "../engine/ops/graph-random.ts";
import { type Tensor, tf } from "../engine/tensorflow.ts";
import type { Initial } from "../model/network.ts";
import { MIX_WIDTH, gatherRows, normalise } from "./images.ts";
import {
  type Bank,
  type TrainingNetwork,
  allParameters,
  calibrationPass,
  evaluationPass,
  forward,
  frozenVariables,
  networkVariables,
  normConstants,
  stateVariables,
  trainingNetwork,
} from "./training-network.ts";
import { type TrainingPlan, labelSpaces } from "./plan.ts";
import { trainStep } from "./train-step.ts";
import { isStreamed } from "../../record/datasets.ts";
import { crossEntropyRows, predictions } from "../engine/ops/loss.ts";
import { frozenDivisor } from "./head-bank.ts";

/** How much is done in one call of the session. */
export interface CallSizes {
  /** Training steps in one call; with several, the cost of a call matters less for small networks. */
  stepsPerCall: number;
  /** Samples in one call of an evaluation. */
  evaluateBatch: number;
  /** Images come with each call instead of living in the session. */
  streamed: boolean;
}

export interface TrainingProgram {
  program: Program;
  network: TrainingNetwork;
  tables: Tables;
  /** What a checkpoint holds. */
  state: Variable[];
  /** [correct, clipped, online of each head, of each on the frozen trunk] and the summed class loss since the last read. */
  counters: { counts: Variable; lossSum: Variable };
  /** Whether the trunk has BatchNorm statistics to calibrate. */
  calibrated: boolean;
}

/**
 * Functions: `initialize` {key}, and `initialize-trunk` {key}, which leaves all but the trunk as it is; `train` {rows,
 * rates, key}, with {mix} under mixup or cutmix; `counts` {}, which also resets them; `evaluate-train`, `evaluate-test`,
 * `evaluate-frozen` {rows}, `embed-frozen` {rows} where features on the frozen trunk are kept, and `classify-train` {rows} where the protocol evaluates during training; `calibrate` {rows,
 * share}. All that read images take {pixels} too where these are streamed.
 */
export function trainingProgram(plan: TrainingPlan, sizes: CallSizes): TrainingProgram {
  const program = new Program();
  const network = trainingNetwork(program, plan, sizes.streamed);
  const tables = makeTables(program, plan, sizes.streamed);
  const counters = {
    counts: program.variable("counts", [2 + plan.heads.length + plan.frozenDraws.length], "int32"),
    lossSum: program.variable("loss-sum", []),
  };
  const built = {
    program,
    network,
    tables,
    // An initial value depends on its variable's place here: what only some protocols have comes last.
    state: [
      ...stateVariables(network),
      counters.counts,
      counters.lossSum,
      ...frozenVariables(network),
    ],
    counters,
    calibrated: network.net.statistics.length > 0,
  };
  defineInitialize(built);
  defineTrain(built, plan, sizes);
  defineEvaluations(built, plan, sizes);
  if (built.calibrated) defineCalibrate(built, plan);
  if (network.frozen?.features) defineEmbedFrozen(built, plan);
  return built;
}

function defineInitialize(built: TrainingProgram): void {
  const { program, network, state } = built;
  const parameters = new Map(allParameters(network).map((p) => [p.variable, p.initial]));
  const variances = new Set(network.net.statistics.map(({ variance }) => variance));
  const valueOf = (variable: Variable, key: Tensor) => {
    const initial = parameters.get(variable) ?? { value: variances.has(variable) ? 1 : 0 };
    return initialValue(variable, initial, purposeKey(key, state.indexOf(variable)));
  };
  const inputs: Record<string, InputSpec> = { key: { shape: [2], dtype: "int32" } };
  program.define("initialize", inputs, ({ key }, scope) => {
    for (const variable of state)
      if (variable.dtype === "float32") scope.assign(variable, valueOf(variable, key!));
    for (const [variable, kept] of network.frozen?.initial ?? [])
      scope.assign(kept, valueOf(variable, key!));
    zeroCounters(scope, built);
    return {};
  });
  program.define("initialize-trunk", inputs, ({ key }, scope) => {
    for (const variable of networkVariables(network.net))
      scope.assign(variable, valueOf(variable, key!));
    return {};
  });
}

function initialValue({ shape }: Variable, initial: Initial, key: Tensor): Tensor {
  if ("value" in initial) return tf.fill([...shape], initial.value);
  return tf.mul(normal(shape, key), initial.deviation);
}

function defineTrain(built: TrainingProgram, plan: TrainingPlan, sizes: CallSizes): void {
  const { program, network, counters } = built;
  const { batch } = plan.protocol;
  const steps = sizes.stepsPerCall;
  const mixes = plan.regularizers.mixup > 0 || plan.regularizers.cutmix > 0;
  const inputs: Record<string, InputSpec> = {
    ...sampleInputs(plan, built.tables, steps * batch),
    rates: { shape: [steps], dtype: "float32" },
    key: { shape: [2], dtype: "int32" },
    ...(mixes ? { mix: { shape: [steps * MIX_WIDTH], dtype: "float32" } } : {}),
  };
  program.define("train", inputs, (given, scope) => {
    for (let k = 0; k < steps; k++) {
      const step = stepInputs(scope, plan, built.tables, given, k);
      const counted = trainStep(scope, plan, network, step);
      const { correct, clipped, online, frozenOnline } = counted;
      scope.add(counters.counts, tf.concat([tf.stack([correct, clipped]), online, frozenOnline]));
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

/** The k-th step's part of what one call is fed. */
function stepInputs(
  scope: Scope,
  plan: TrainingPlan,
  tables: Tables,
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
    rows,
    pixels: samplePixels(scope, tables, "train", { rows, ...(pixels ? { pixels } : {}) }),
    classes: sampleClasses(scope, tables, "train", rows),
    randomLabels: (n) => sampleRandomLabels(scope, tables, n, rows),
    rate: tf.reshape(part("rates", 1), []),
    key,
    step: tf.cast(tf.reshape(tf.slice(key, [1], [1]), []), "float32"),
    mix: given["mix"] ? part("mix", MIX_WIDTH) : null,
  };
}

function defineCalibrate({ program, network, tables }: TrainingProgram, plan: TrainingPlan): void {
  const { batch, normalize } = plan.protocol;
  const inputs = {
    ...sampleInputs(plan, tables, batch),
    share: { shape: [], dtype: "float32" },
  } as const;
  program.define("calibrate", inputs, (given, scope) => {
    const pixels = samplePixels(scope, tables, "train", given);
    const pass = calibrationPass(scope, normConstants(plan.protocol), given["share"]!);
    network.trunk.forward(normalise(pixels, normalize), pass);
    return {};
  });
}

/** To be called with the trunk at its initial weights. As many samples as in a step, so that sums have the same order. */
function defineEmbedFrozen(
  { program, network, tables }: TrainingProgram,
  plan: TrainingPlan,
): void {
  const inputs = sampleInputs(plan, tables, plan.protocol.batch);
  program.define("embed-frozen", inputs, (given, scope) => {
    const pixels = normalise(samplePixels(scope, tables, "train", given), plan.protocol.normalize);
    const pass = evaluationPass(scope, normConstants(plan.protocol));
    return { features: network.trunk.forward(pixels, pass).at(-1)! };
  });
}

type Split = "train" | "test";

/** The data set and the random labels as variables of the session: a step is fed row numbers only. */
interface Tables {
  /** [N, H, W, C] of each split, uint8 or float32; null where batches are streamed from disk. */
  readonly images: Record<Split, Variable> | null;
  /** int32 [N], as trained on. */
  readonly classes: Record<Split, Variable>;
  /** int32 [m, draws] for each label space n. */
  readonly randomLabels: ReadonlyMap<number, Variable>;
}

function makeTables(program: Program, plan: TrainingPlan, streamed: boolean): Tables {
  const { height, width, channels } = plan.protocol.image;
  const images = (split: Split) =>
    program.variable(`${split}-images`, [-1, height, width, channels], valueType(plan));
  const classes = (split: Split) => program.variable(`${split}-classes`, [-1], "int32");
  return {
    images: streamed ? null : { train: images("train"), test: images("test") },
    classes: { train: classes("train"), test: classes("test") },
    randomLabels: new Map(
      labelSpaces(plan.heads).map(({ n, draws }) => [
        n,
        program.variable(`random-labels-${n}`, [-1, draws], "int32"),
      ]),
    ),
  };
}

const valueType = ({ protocol: { dataset } }: TrainingPlan) =>
  typeof dataset === "string" ? "uint8" : dataset.values;

/** Inputs for `count` samples: their row numbers, and their pixels where images are streamed. */
export function sampleInputs(
  plan: TrainingPlan,
  tables: Tables,
  count: number,
): Record<string, InputSpec> {
  const { height, width, channels } = plan.protocol.image;
  const rows: InputSpec = { shape: [count], dtype: "int32" };
  if (tables.images) return { rows };
  return { rows, pixels: { shape: [count, height, width, channels], dtype: valueType(plan) } };
}

/** [count, H, W, C], uint8 or float32. */
export function samplePixels(scope: Scope, tables: Tables, split: Split, inputs: Tensors): Tensor {
  if (!tables.images) return inputs["pixels"]!;
  const images = tables.images[split];
  const type = images.dtype === "float32" ? "float32" : "uint8";
  return gatherRows(scope.read(images), inputs["rows"]!, type);
}

const sampleClasses = (scope: Scope, tables: Tables, split: Split, rows: Tensor) =>
  gatherRows(scope.read(tables.classes[split]), rows, "int32");

/** [B, draws]. */
const sampleRandomLabels = (scope: Scope, tables: Tables, n: number, rows: Tensor) =>
  gatherRows(scope.read(tables.randomLabels.get(n)!), rows, "int32");

function defineEvaluations(
  { program, network, tables }: TrainingProgram,
  plan: TrainingPlan,
  { evaluateBatch }: CallSizes,
): void {
  const inputs = sampleInputs(plan, tables, evaluateBatch);
  const define = (name: string, split: Split, body: (pass: Evaluation) => Tensors) =>
    program.define(name, inputs, (given, scope) => {
      const pixels = normalise(samplePixels(scope, tables, split, given), plan.protocol.normalize);
      const pass = evaluationPass(scope, normConstants(plan.protocol));
      const { taps, logits } = forward(network, pixels, pass);
      const rows = given["rows"]!;
      const classes = sampleClasses(scope, tables, split, rows);
      const randomLabels = (n: number) => sampleRandomLabels(scope, tables, n, rows);
      return body({ scope, plan, taps, logits, classes, randomLabels });
    });
  define("evaluate-train", "train", (pass) => ({
    ...classOutputs(pass),
    ...tapOutputs(pass),
    ...headOutputs(pass, network.banks),
  }));
  define("evaluate-test", "test", classOutputs);
  // To be called with the trunk at its initial weights.
  define("evaluate-frozen", "train", (pass) => ({
    ...tapOutputs(pass),
    ...headOutputs(pass, network.frozen ? [network.frozen.bank] : []),
  }));
  if (plan.protocol.evaluateEvery !== null)
    define("classify-train", "train", ({ logits }) => ({ class: predictions(logits) }));
}

/** A forward pass in evaluation mode over some samples. */
interface Evaluation {
  scope: Scope;
  plan: TrainingPlan;
  /** z_1..z_T, [E, D_t]. */
  taps: readonly Tensor[];
  logits: Tensor;
  /** int32 [E], as trained on. */
  classes: Tensor;
  /** int32 [E, draws]. */
  randomLabels: (n: number) => Tensor;
}

/** `class` int32 [E] and `classLoss` [E]. */
const classOutputs = ({ logits, classes }: Evaluation) => ({
  class: predictions(logits),
  classLoss: crossEntropyRows(logits, classes)[0],
});

/** `tapT` [E, D_T] for every tap. */
const tapOutputs = ({ taps }: Evaluation): Tensors =>
  Object.fromEntries(taps.map((z, i) => [`tap${i + 1}`, z]));

/** What `evaluateHeads` names, for every label space of every tap. */
const headOutputs = (pass: Evaluation, banks: readonly Bank[]): Tensors =>
  Object.assign({}, ...banks.map((bank) => evaluateHeads(pass, bank))) as Tensors;

/** Names of a group's outputs: `head-F` predictions and `head-loss-F`, [E, draws], F the index of draw 0. */
function evaluateHeads(
  { scope, plan, taps, classes, randomLabels }: Evaluation,
  { tap, heads }: Bank,
): Tensors {
  const features = taps[tap - 1]!;
  const z = tf.div(features, frozenDivisor(scope, plan, heads));
  const logits = heads.logits(z, (variable) => scope.read(variable), classes);
  return Object.fromEntries(
    heads.groups.flatMap(({ n, first }, i) => [
      [`head-${first}`, predictions(logits[i]!)],
      [`head-loss-${first}`, crossEntropyRows(logits[i]!, tf.reshape(randomLabels(n), [-1]))[0]],
    ]),
  );
}

/** A step of a small network takes less time than the call itself, so one call makes several. */
const STEPS_OF_SMALL = 5;

const SMALL = { mlp: 1024 } as const;

/** @param steps of an epoch: calls end exactly there. */
export function callSizes(plan: TrainingPlan, steps: number): CallSizes {
  const { architecture, protocol } = plan;
  const streamed = isStreamed(protocol);
  const small = architecture.family === "mlp" && architecture.width <= SMALL.mlp && !streamed;
  const divides = (k: number) => steps % k === 0;
  const wanted = small ? STEPS_OF_SMALL : 1;
  const stepsPerCall = [...Array(wanted).keys()].map((k) => wanted - k).find(divides) ?? 1;
  return { stepsPerCall, evaluateBatch: architecture.family === "mlp" ? 500 : 100, streamed };
}
