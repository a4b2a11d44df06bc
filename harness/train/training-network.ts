/** @file Trunk, class head and random-label heads with all their variables. */

import { dense } from "../engine/ops/activation.ts";
import type { Program, Scope, Variable } from "../engine/program.ts";
import { type Tensor, tf } from "../engine/tensorflow.ts";
import { Network, type Parameter, type ForwardPass, type Trunk } from "../model/network.ts";
import { buildTrunk } from "../model/trunk.ts";
import {
  type HeadBank,
  type HeadGroup,
  type HeadVariables,
  type Read,
  frozenHeadGroups,
  headBank,
  headGroups,
} from "./head-bank.ts";
import { type Optimizer, makeOptimizer } from "./optimizer.ts";
import type { TrainingPlan } from "./plan.ts";
import { batchNorm, batchNormEvaluation } from "../engine/ops/batch-norm.ts";
import { purposeKey, uniform } from "../engine/ops/graph-random.ts";
import type { Protocol } from "../../record/protocols.ts";

export interface TrainingNetwork {
  /** Trunk and class head: what the class task trains. */
  readonly net: Network;
  readonly trunk: Trunk;
  /** z_T [B, D] -> [B, N]. */
  classLogits(features: Tensor, read: Read): Tensor;
  readonly optimizer: Optimizer;
  /** One per tap that has heads. */
  readonly banks: readonly Bank[];
  /** Null where the protocol has no heads on the frozen trunk. */
  readonly frozen: FrozenTrunk | null;
}

/** The trunk as it was at initialization, below a set of heads of its own. */
export interface FrozenTrunk {
  /** For each parameter of the trunk, the variable that keeps its initial value; empty where `features` are kept. */
  initial: ReadonlyMap<Variable, Variable>;
  /** Its features of every training sample, [m, D], where they are the same at every step; null elsewhere. */
  features: Variable | null;
  bank: Bank;
}

export interface Bank {
  tap: number;
  heads: HeadBank;
  net: Network;
  variables: HeadVariables;
}

/** @param streamed whether images come with each call, instead of lying in the session. */
export function trainingNetwork(
  program: Program,
  plan: TrainingPlan,
  streamed: boolean,
): TrainingNetwork {
  const { protocol, regularizers } = plan;
  const net = new Network(program, "trunk");
  const { image } = protocol;
  const trunk = plan.own.trunk
    ? plan.own.trunk(net, image, regularizers.dropout)
    : buildTrunk(net, plan.architecture, image, regularizers.dropout);
  const trunkParameters = net.parameters.map(({ variable }) => variable);
  const width = trunk.tapWidths.at(-1)!;
  const start = { deviation: 1 / Math.sqrt(width) };
  const weights = net.parameter("class-head/weights", [width, protocol.classes], start);
  const bias = net.parameter("class-head/bias", [protocol.classes], { value: 0 });
  const optimizer = makeOptimizer(
    program,
    net.parameters.map(({ variable }) => variable),
    protocol,
    regularizers.weightDecay,
  );
  return {
    net,
    trunk,
    classLogits: (features, read) => dense(features, read(weights), read(bias)),
    optimizer,
    banks: trunk.tapWidths.flatMap((tapWidth, i) => {
      const [tap, groups] = [i + 1, headGroups(plan, i + 1)];
      return groups.length > 0 ? [makeBank(program, plan, "heads", tap, tapWidth, groups)] : [];
    }),
    frozen: frozenTrunk(
      program,
      plan,
      trunkParameters,
      width,
      !streamed && featuresStay(plan, net),
    ),
  };
}

function frozenTrunk(
  program: Program,
  plan: TrainingPlan,
  trunk: readonly Variable[],
  width: number,
  stay: boolean,
): FrozenTrunk | null {
  const groups = frozenHeadGroups(plan);
  if (groups.length === 0) return null;
  const kept = stay ? [] : trunk;
  return {
    initial: new Map(kept.map((v) => [v, program.variable(`frozen/${v.name}`, v.shape)])),
    features: stay ? program.variable("frozen/features", [-1, width]) : null,
    bank: makeBank(program, plan, "frozen-heads", plan.taps, width, groups),
  };
}

/**
 * Whether a sample's features on the frozen trunk are the same at every step: always the same image, no noise, and no
 * BatchNorm, whose statistics are those of a step's batch.
 */
function featuresStay({ architecture, regularizers }: TrainingPlan, net: Network) {
  const { dropout, augment, cutout, mixup, cutmix } = regularizers;
  const changes = augment || dropout + cutout + mixup + cutmix > 0;
  const isOwn = architecture.family === "custom"; // may draw noise of its own
  return !changes && !isOwn && net.statistics.length === 0;
}

function makeBank(
  program: Program,
  plan: TrainingPlan,
  prefix: string,
  tap: number,
  width: number,
  groups: readonly HeadGroup[],
): Bank {
  const net = new Network(program, prefix);
  const heads = headBank(net, plan, { tap, width, groups });
  const parameters = net.parameters.map(({ variable }) => variable);
  const velocities = parameters.map((v) => program.variable(`${v.name}/velocity`, v.shape));
  return { tap, heads, net, variables: { parameters, velocities } };
}

/** What the rest of a run depends on, but for the heads on the frozen trunk. */
export const stateVariables = ({ net, optimizer, banks }: TrainingNetwork): Variable[] => [
  ...networkVariables(net),
  ...optimizer.slots,
  ...banks.flatMap(bankVariables),
];

/** The heads on the frozen trunk; the initial weights below them follow from the seed. */
export const frozenVariables = ({ frozen }: TrainingNetwork): Variable[] =>
  frozen ? bankVariables(frozen.bank) : [];

const bankVariables = ({ net, variables }: Bank) => [
  ...networkVariables(net),
  ...variables.velocities,
];

/** Parameters, running statistics and states. */
export const networkVariables = ({ parameters, statistics, states }: Network) => [
  ...parameters.map(({ variable }) => variable),
  ...statistics.flatMap(({ mean, variance }) => [mean, variance]),
  ...states,
];

/** All trained parameters, those of the heads included. */
export const allParameters = ({ net, banks, frozen }: TrainingNetwork): Parameter[] => [
  ...net.parameters,
  ...[...banks, ...(frozen ? [frozen.bank] : [])].flatMap((bank) => bank.net.parameters),
];

/** Class logits and taps of one forward pass. */
export function forward(network: TrainingNetwork, images: Tensor, pass: ForwardPass) {
  const taps = network.trunk.forward(images, pass);
  return { taps, logits: network.classLogits(taps.at(-1)!, pass.read) };
}

/** BatchNorm's and LayerNorm's constants. */
export interface NormConstants {
  /** Share of the new batch in the running statistics. */
  momentum: number;
  epsilon: number;
  /** LayerNorm's epsilon. */
  layerEpsilon: number;
}

export const normConstants = ({ batchNorm, layerNorm }: Protocol): NormConstants => ({
  ...batchNorm,
  layerEpsilon: layerNorm.epsilon,
});

/** Noise keys count up from here, away from those of augmentation. */
const FIRST_NOISE = 1000;

/** Batch statistics, dropout on. `statistics`: whether this pass updates the running statistics. */
export function trainingPass(
  scope: Scope,
  options: {
    norm: NormConstants;
    /** int32 [2], fresh at each step. */
    key: Tensor;
    statistics: boolean;
    read?: (variable: Variable) => Tensor;
  },
): ForwardPass {
  let draws = FIRST_NOISE;
  const read = options.read ?? ((variable: Variable) => scope.read(variable));
  const { momentum, epsilon } = options.norm;
  return {
    training: true,
    layerNormEpsilon: options.norm.layerEpsilon,
    read,
    noise: (shape) => uniform(shape, purposeKey(options.key, draws++)),
    normalise(x, layer) {
      const inputs = { x, gamma: read(layer.gamma), beta: read(layer.beta) };
      const { y, statistics } = batchNorm(inputs, epsilon);
      if (options.statistics) {
        blend(scope, layer.statistics.mean, statistics[0], momentum);
        blend(scope, layer.statistics.variance, statistics[1], momentum);
      }
      return y;
    },
  };
}

/** Beyond all purposes of a step's key, and all noise of the trained trunk. */
const FROZEN_NOISE = 2 ** 20;

/** A training pass of the initial weights: batch statistics, and dropout noise of its own. */
export const frozenPass = (
  scope: Scope,
  { initial }: FrozenTrunk,
  { norm, key }: { norm: NormConstants; key: Tensor },
): ForwardPass =>
  trainingPass(scope, {
    norm,
    key: purposeKey(key, FROZEN_NOISE),
    statistics: false,
    read: (variable) => scope.read(initial.get(variable)!),
  });

/** Running statistics, no dropout. */
export function evaluationPass(scope: Scope, norm: NormConstants): ForwardPass {
  return {
    training: false,
    layerNormEpsilon: norm.layerEpsilon,
    read: (variable) => scope.read(variable),
    noise: () => {
      throw new Error("evaluation must not draw noise");
    },
    normalise: (x, { gamma, beta, statistics }) =>
      batchNormEvaluation(
        { x, gamma: scope.read(gamma), beta: scope.read(beta) },
        [scope.read(statistics.mean), scope.read(statistics.variance)],
        norm.epsilon,
      ),
  };
}

/**
 * For the frozen random trunk: batch statistics without dropout; the running ones become the mean over the
 * batches of one pass. @param share 1/(k+1) at batch k, scalar.
 */
export function calibrationPass(scope: Scope, norm: NormConstants, share: Tensor): ForwardPass {
  return {
    ...evaluationPass(scope, norm),
    normalise(x, layer) {
      const inputs = { x, gamma: scope.read(layer.gamma), beta: scope.read(layer.beta) };
      const { y, statistics } = batchNorm(inputs, norm.epsilon);
      blend(scope, layer.statistics.mean, statistics[0], share);
      blend(scope, layer.statistics.variance, statistics[1], share);
      return y;
    },
  };
}

/** running += share * (now - running). */
function blend(scope: Scope, running: Variable, now: Tensor, share: number | Tensor): void {
  const old = scope.read(running);
  scope.assign(running, tf.add(old, tf.mul(tf.sub(now, old), share)));
}
