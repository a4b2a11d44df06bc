/** @file Evaluation inside the graph: what every head predicts for a batch, with losses and the taps' features. */

import { crossEntropyRows, predictions } from "../engine/ops/loss.ts";
import type { Scope, Tensors } from "../engine/program.ts";
import { tf, type Tensor } from "../engine/tensorflow.ts";
import { frozenDivisor } from "./head-step.ts";
import { normalise } from "./images.ts";
import { evaluationPass, normConstants } from "./passes.ts";
import type { Plan } from "./plan.ts";
import { forward, type Bank, type TrainingNetwork } from "./training-network.ts";
import {
  sampleClasses,
  samplePixels,
  sampleRandomLabels,
  type Split,
  type Tables,
} from "./training-tables.ts";

/**
 * @returns `class` int32 [E] and `classLoss` [E]; on the training split also `tapT` [E, D_T] for every tap and, for every
 * label space of every tap, what `evaluateHeads` names.
 */
export function evaluate(
  scope: Scope,
  plan: Plan,
  network: TrainingNetwork,
  tables: Tables,
  split: Split,
  inputs: Tensors,
): Record<string, Tensor> {
  const pixels = normalise(samplePixels(scope, tables, split, inputs), plan.protocol.normalize);
  const { taps, logits } = forward(
    network,
    pixels,
    evaluationPass(scope, normConstants(plan.protocol)),
  );
  const classes = sampleClasses(scope, tables, split, inputs["rows"]!);
  const result: Record<string, Tensor> = {
    class: predictions(logits),
    classLoss: crossEntropyRows(logits, classes)[0],
  };
  if (split === "test") return result;
  for (const [i, z] of taps.entries()) result[`tap${i + 1}`] = z;
  for (const bank of network.banks)
    Object.assign(
      result,
      evaluateHeads(scope, plan, bank, taps[bank.tap - 1]!, classes, (n) =>
        sampleRandomLabels(scope, tables, n, inputs["rows"]!),
      ),
    );
  return result;
}

/** Names of a group's outputs: `head-F` predictions and `head-loss-F`, [E, draws], F the index of draw 0. */
function evaluateHeads(
  scope: Scope,
  plan: Plan,
  { heads }: Bank,
  features: Tensor,
  classes: Tensor,
  labels: (n: number) => Tensor,
): Record<string, Tensor> {
  const z = tf.div(features, frozenDivisor(scope, plan, heads));
  const logits = heads.logits(z, (variable) => scope.read(variable), classes);
  return Object.fromEntries(
    heads.groups.flatMap(({ n, first }, i) => [
      [`head-${first}`, predictions(logits[i]!)],
      [`head-loss-${first}`, crossEntropyRows(logits[i]!, tf.reshape(labels(n), [-1]))[0]],
    ]),
  );
}
