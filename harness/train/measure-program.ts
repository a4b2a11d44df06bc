/** @file The functions of a session that `--measures` asks for (method.md section 5). None of them writes a variable. */

import { normal, purposeKey } from "../engine/ops/graph-random.ts";
import { predictions } from "../engine/ops/loss.ts";
import type { InputSpec, Scope, Tensors } from "../engine/program.ts";
import { type Tensor, tf } from "../engine/tensorflow.ts";
import type { ForwardPass } from "../model/network.ts";
import { foldedLayers, foldedPass, foldedWeights } from "./folded-network.ts";
import { normalise } from "./images.ts";
import type { TrainingPlan } from "./plan.ts";
import { evaluationPass, forward, normConstants } from "./training-network.ts";
import {
  type CallSizes,
  type TrainingProgram,
  sampleInputs,
  samplePixels,
} from "./training-program.ts";

/**
 * `folded-layers` {} gives the weights of layer i of the folded network as `i`; `path-norm` {} where it is defined; `class-logits`
 * {features} of the last tap; `classify-noisy` {rows, sigma, key} with that noise on every weight of the folded network;
 * `classify-mixed` {rows, others}, the mean of two images each. All that read images take {pixels} too where these are streamed.
 */
export function defineMeasures(
  built: TrainingProgram,
  plan: TrainingPlan,
  { evaluateBatch }: CallSizes,
): void {
  defineWeights(built, plan);
  defineLogits(built, evaluateBatch);
  defineNoisy(built, plan, evaluateBatch);
  defineMixed(built, plan, evaluateBatch);
}

/** Does squaring every weight make paths of it? Attention, layer norms and operations of one's own do not. */
export const hasPathNorm = ({
  architecture: { family },
}: Pick<TrainingPlan, "architecture">): boolean =>
  family !== "vit" && family !== "mixer" && family !== "custom";

function defineWeights({ program, network }: TrainingProgram, plan: TrainingPlan): void {
  const { image } = plan.protocol;
  const constants = normConstants(plan.protocol);
  const folding = { net: network.net, architecture: plan.architecture };
  program.define("folded-layers", {}, (_, scope) =>
    Object.fromEntries(
      foldedLayers(network.net, plan.architecture).map((layer, i) => [
        String(i),
        foldedWeights(scope, layer, constants),
      ]),
    ),
  );
  if (!hasPathNorm(plan)) return;
  program.define("path-norm", {}, (_, scope) => {
    const pass = foldedPass(scope, folding, constants, (value) => tf.square(value));
    const ones = tf.fill([1, image.height, image.width, image.channels], 1);
    return { pathNorm: tf.sum(forward(network, ones, pass).logits) };
  });
}

function defineLogits({ program, network }: TrainingProgram, batch: number): void {
  const width = network.trunk.tapWidths.at(-1)!;
  const inputs: Record<string, InputSpec> = {
    features: { shape: [batch, width], dtype: "float32" },
  };
  program.define("class-logits", inputs, ({ features }, scope) => ({
    logits: network.classLogits(features!, (variable) => scope.read(variable)),
  }));
}

function defineNoisy(built: TrainingProgram, plan: TrainingPlan, batch: number): void {
  const { program, tables } = built;
  const inputs: Record<string, InputSpec> = {
    ...sampleInputs(plan, tables, batch),
    ...NOISE_INPUTS,
  };
  program.define("classify-noisy", inputs, (given, scope) => {
    const images = seen(scope, built, plan, given);
    return classOf(built, images, noisyPass(scope, built, plan, given));
  });
}

export const NOISE_INPUTS = {
  /** Standard deviation. */
  sigma: { shape: [], dtype: "float32" },
  key: { shape: [2], dtype: "int32" },
} as const satisfies Record<string, InputSpec>;

/** The folded network with Gaussian noise on every weight and bias, the key's: the same at every sigma but for its size. */
export function noisyPass(
  scope: Scope,
  { network: { net } }: TrainingProgram,
  { protocol, architecture }: TrainingPlan,
  given: Tensors,
): ForwardPass {
  const places = new Map(net.parameters.map(({ variable }, i) => [variable, i]));
  return foldedPass(scope, { net, architecture }, normConstants(protocol), (value, variable) => {
    const noise = normal(variable.shape, purposeKey(given["key"]!, places.get(variable)!));
    return tf.add(value, tf.mul(noise, given["sigma"]!));
  });
}

function defineMixed(built: TrainingProgram, plan: TrainingPlan, batch: number): void {
  const { program, tables } = built;
  const own = sampleInputs(plan, tables, batch);
  const inputs = {
    ...own,
    others: own["rows"]!,
    ...(own["pixels"] ? { otherPixels: own["pixels"] } : {}),
  };
  program.define("classify-mixed", inputs, (given, scope) => {
    const other: Tensors = {
      rows: given["others"]!,
      ...(given["otherPixels"] ? { pixels: given["otherPixels"] } : {}),
    };
    const [a, b] = [given, other].map((each) => seen(scope, built, plan, each));
    const mean = tf.mul(tf.add(a!, b!), 0.5);
    return classOf(built, mean, evaluationPass(scope, normConstants(plan.protocol)));
  });
}

const seen = (
  scope: Scope,
  { tables }: TrainingProgram,
  { protocol }: TrainingPlan,
  given: Tensors,
) => normalise(samplePixels(scope, tables, "train", given), protocol.normalize);

const classOf = ({ network }: TrainingProgram, images: Tensor, pass: ForwardPass) => ({
  class: predictions(forward(network, images, pass).logits),
});
