/** @file Trunk, class head and random-label heads with all their variables. */

import { dense } from "../engine/ops/dense.ts";
import type { Program, Variable } from "../engine/program.ts";
import type { Tensor } from "../engine/tensorflow.ts";
import { Network, type Parameter, type Pass, type Trunk } from "../model/network.ts";
import { buildTrunk } from "../model/trunk.ts";
import { headBank, type HeadBank, type Read } from "./head-bank.ts";
import type { HeadVariables } from "./head-step.ts";
import { makeOptimizer, type Optimizer } from "./optimizer.ts";
import type { Plan } from "./plan.ts";

export interface TrainingNetwork {
  /** Trunk and class head: what the class task trains. */
  readonly net: Network;
  readonly trunk: Trunk;
  /** z_T [B, D] -> [B, N]. */
  classLogits(features: Tensor, read: Read): Tensor;
  readonly optimizer: Optimizer;
  /** One per tap that has heads. */
  readonly banks: readonly Bank[];
}

export interface Bank {
  tap: number;
  heads: HeadBank;
  net: Network;
  variables: HeadVariables;
}

export function trainingNetwork(program: Program, plan: Plan): TrainingNetwork {
  const { protocol, regularizers } = plan;
  const net = new Network(program, "trunk");
  const trunk = buildTrunk(net, plan.architecture, protocol.image, regularizers.dropout);
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
    banks: trunk.tapWidths.flatMap((tapWidth, i) => makeBank(program, plan, i + 1, tapWidth)),
  };
}

function makeBank(program: Program, plan: Plan, tap: number, width: number): Bank[] {
  if (!plan.heads.some((head) => head.tap === tap)) return [];
  const net = new Network(program, "heads");
  const heads = headBank(net, plan, tap, width);
  const parameters = net.parameters.map(({ variable }) => variable);
  const velocities = parameters.map((v) => program.variable(`${v.name}/velocity`, v.shape));
  return [{ tap, heads, net, variables: { parameters, velocities } }];
}

/** Everything that decides the rest of a run: the content of a checkpoint. */
export function stateVariables({ net, optimizer, banks }: TrainingNetwork): Variable[] {
  const of = (network: Network) => [
    ...network.parameters.map(({ variable }) => variable),
    ...network.statistics.flatMap(({ mean, variance }) => [mean, variance]),
    ...network.states,
  ];
  return [
    ...of(net),
    ...optimizer.slots,
    ...banks.flatMap((bank) => [...of(bank.net), ...bank.variables.velocities]),
  ];
}

/** Parameters with a random or constant start, those of the heads included. */
export const allParameters = ({ net, banks }: TrainingNetwork): Parameter[] => [
  ...net.parameters,
  ...banks.flatMap((bank) => bank.net.parameters),
];

/** Class logits and taps of one pass. */
export function forward(network: TrainingNetwork, images: Tensor, pass: Pass) {
  const taps = network.trunk.forward(images, pass);
  return { taps, logits: network.classLogits(taps.at(-1)!, pass.read) };
}
