/** @file The network as evaluation computes it, with every BatchNorm as plain weights (method.md section 5). */

import type { Architecture } from "../../record/architecture.ts";
import type { Scope, Variable } from "../engine/program.ts";
import { type Tensor, tf } from "../engine/tensorflow.ts";
import type { BatchNorm, ForwardPass, Network } from "../model/network.ts";
import { type NormConstants, evaluationPass } from "./training-network.ts";

/** Families whose every BatchNorm comes right after a convolution, and is made right after it. */
const FOLDED: readonly Architecture["family"][] = ["cnn", "vgg", "resnet"];

/** A layer's weights: a matrix, or the diagonal of one. */
export interface FoldedLayer {
  variable: Variable;
  /** The one that is folded into a filter, or that is this diagonal; null without. */
  norm: BatchNorm | null;
  /** Of the matrix: [inputs, outputs]; null for a diagonal. */
  shape: readonly [rows: number, columns: number] | null;
}

/** In the order of the parameters. */
export function foldedLayers(net: Network, architecture: Architecture): FoldedLayer[] {
  const variables = net.parameters.map(({ variable }) => variable);
  const folded = foldedNorms(net, architecture);
  return variables.flatMap((variable): FoldedLayer[] => {
    const columns = variable.shape.at(-1) ?? 1;
    const rows = variable.shape.slice(0, -1).reduce((a, b) => a * b, 1);
    if (variable.shape.length > 1)
      return [{ variable, norm: folded.get(variable) ?? null, shape: [rows, columns] }];
    const isGamma = variable.shape.length === 1 && variable.name.endsWith("/gamma");
    if (!isGamma || [...folded.values()].some(({ gamma }) => gamma === variable)) return [];
    const norm = net.batchNorms.find(({ gamma }) => gamma === variable) ?? null;
    return [{ variable, norm, shape: null }];
  });
}

/** The BatchNorm that each filter takes in. */
function foldedNorms(net: Network, { family }: Architecture): Map<Variable, BatchNorm> {
  if (!FOLDED.includes(family)) return new Map();
  const variables = net.parameters.map(({ variable }) => variable);
  return new Map(
    net.batchNorms.map((norm) => [variables[variables.indexOf(norm.gamma) - 1]!, norm]),
  );
}

/** What takes the place of a weight of the folded network; `variable` is the one it comes from. */
type Change = (value: Tensor, variable: Variable) => Tensor;

/** A forward pass of the folded network. @param change of every weight and bias; as it is, it gives what evaluation gives. */
export function foldedPass(
  scope: Scope,
  { net, architecture }: { net: Network; architecture: Architecture },
  constants: NormConstants,
  change: Change,
): ForwardPass {
  const norms = foldedNorms(net, architecture);
  const gammas = new Set(Array.from(norms.values(), ({ gamma }) => gamma));
  return {
    ...evaluationPass(scope, constants),
    read: (variable) => {
      const norm = norms.get(variable) ?? null;
      return change(foldedWeights(scope, { variable, norm }, constants), variable);
    },
    normalise(x, norm) {
      const { scale, shift } = plain(scope, norm, constants);
      const moved = gammas.has(norm.gamma) ? x : tf.mul(x, change(scale, norm.gamma));
      return tf.add(moved, change(shift, norm.beta));
    },
  };
}

/** In the shape of the variable: a filter times the scale of the BatchNorm that follows it, a BatchNorm's scale, or the variable itself. */
export function foldedWeights(
  scope: Scope,
  { variable, norm }: Pick<FoldedLayer, "variable" | "norm">,
  constants: NormConstants,
): Tensor {
  if (norm === null) return scope.read(variable);
  const { scale } = plain(scope, norm, constants);
  return norm.gamma === variable ? scale : tf.mul(scope.read(variable), scale);
}

/** y = scale x + shift, [C] each, by the running statistics. */
function plain(scope: Scope, { gamma, beta, statistics }: BatchNorm, { epsilon }: NormConstants) {
  const { mean, variance } = statistics;
  const scale = tf.mul(scope.read(gamma), tf.rsqrt(tf.add(scope.read(variance), epsilon)));
  return { scale, shift: tf.sub(scope.read(beta), tf.mul(scope.read(mean), scale)) };
}
