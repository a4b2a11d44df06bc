/** @file One step of training: gradients, the update of trunk and class head, then the random-label heads. */

import {
  confusionRows,
  countCorrect,
  crossEntropyRows,
  crossEntropyToRows,
  log1mRows,
  meanLoss,
  reversalRows,
  smoothTargets,
} from "../engine/ops/loss.ts";
import { type Tensor, detach, gradientsAndKept, tf } from "../engine/tensorflow.ts";
import type { Scope, Variable } from "../engine/program.ts";
import { type Mix, augment, gatherRows, mixImages, mixLoss, normalise, readMix } from "./images.ts";
import { trainHeads, updateDivisor } from "./head-bank.ts";
import { jointNorm } from "./optimizer.ts";
import { UserError } from "../errors.ts";
import type { ExtraLossInputs } from "../model/network-exports.ts";
import {
  type Bank,
  type FrozenTrunk,
  type TrainingNetwork,
  forward,
  frozenPass,
  normConstants,
  trainingPass,
} from "./training-network.ts";
import type { TrainingPlan } from "./plan.ts";

export interface StepInputs {
  /** Row numbers of the samples, int32 [B]. */
  rows: Tensor;
  /** uint8 [B, H, W, C]. */
  pixels: Tensor;
  /** Trained-on classes, int32 [B]. */
  classes: Tensor;
  /** int32 [B, draws] for a label space. */
  randomLabels: (n: number) => Tensor;
  /** Learning rate, scalar. */
  rate: Tensor;
  /** int32 [2], fresh at each step. */
  key: Tensor;
  /** Number of steps before this one: float32 scalar. */
  step: Tensor;
  /** float32 [MIX_WIDTH]; null without mixup and cutmix. */
  mix: Tensor | null;
}

/** What a step counts, all before its update. */
export interface StepCounts {
  correct: Tensor;
  /** Summed class loss over the batch, nats. */
  lossSum: Tensor;
  clipped: Tensor;
  /** int32 [heads], in the plan's order. */
  online: Tensor;
  /** int32 [draws] of the heads on the frozen trunk. */
  frozenOnline: Tensor;
}

/** Outputs of a forward pass that are needed after its gradients. */
interface ForwardOutputs {
  taps: Tensor[];
  logits: Tensor;
  classLoss: Tensor;
  /** For each bank, the scalar that divides its features. */
  divisors: Tensor[];
}

type Batch = StepInputs & { images: Tensor; mixed: Mix | null };

export function trainStep(
  scope: Scope,
  plan: TrainingPlan,
  network: TrainingNetwork,
  inputs: StepInputs,
): StepCounts {
  const augmented = augment(normalise(inputs.pixels, plan.protocol.normalize), plan, inputs.key);
  const mix = inputs.mix ? readMix(inputs.mix) : null;
  const images = inputs.mix ? mixImages(augmented, inputs.mix) : augmented;
  const batch = { ...inputs, images, mixed: mix };
  const variables = network.net.parameters.map(({ variable }) => variable);
  const values = variables.map((variable) => scope.read(variable));
  const step = { scope, plan, network, batch, variables };

  const first = forwardBackward(step, values, null);
  const gradients =
    plan.regularizers.sam > 0 ? sharpGradients(step, values, first) : first.gradients;
  const clipped = network.optimizer.apply(scope, gradients, inputs);
  const { logits, classLoss, taps, divisors } = first.outputs;
  const online = network.banks.flatMap((bank, i) =>
    learnHeads(step, bank, tf.div(taps[bank.tap - 1]!, divisors[i]!)),
  );
  const heavier = mix ? mix.heavier(inputs.classes) : inputs.classes;
  return {
    correct: countCorrect(logits, heavier),
    lossSum: tf.mul(classLoss, inputs.classes.shape[0]),
    clipped,
    online: joined(online),
    frozenOnline: joined(learnFrozenHeads(step)),
  };
}

const joined = (counts: Tensor[]) => (counts.length ? tf.concat(counts) : tf.tensor1d([], "int32"));

interface Step {
  scope: Scope;
  plan: TrainingPlan;
  network: TrainingNetwork;
  batch: Batch;
  /** Parameters of the trunk and the class head. */
  variables: readonly Variable[];
}

/**
 * A forward and a backward pass at given weights.
 *
 * @param divisors of an earlier pass; null for the first one, which updates the heads' divisors and the BatchNorm
 * statistics.
 */
function forwardBackward(step: Step, values: readonly Tensor[], divisors: Tensor[] | null) {
  const { scope, plan, network, batch } = step;
  const given = new Map(step.variables.map((v, i) => [v, values[i]!]));
  const pass = trainingPass(scope, {
    norm: normConstants(plan.protocol),
    key: batch.key,
    statistics: divisors === null,
    read: (variable) => given.get(variable)!,
  });
  const body = () => {
    const { taps, logits } = forward(network, batch.images, pass);
    const classLoss = meanLoss(logits, (s) =>
      mixLoss(batch.classes, batch.mixed, (y) => classRows(plan, s, y)),
    );
    const used =
      divisors ??
      network.banks.map(({ tap, heads }) =>
        updateDivisor(scope, plan, heads, taps[tap - 1]!, tf.equal(batch.step, 0)),
      );
    const further = [
      regularizerLoss(step, taps, used),
      ownLoss(step, values, { taps, logits, noise: (shape) => pass.noise(shape) }),
    ];
    const loss = further.reduce<Tensor>((sum, each) => (each ? tf.add(sum, each) : sum), classLoss);
    return { loss, keep: divisors ? [] : [logits, classLoss, ...used, ...taps] };
  };
  const { gradients, kept } = gradientsAndKept(body, values);
  requireGradients(gradients, step.variables);
  const [logits, classLoss, ...rest] = kept as [Tensor, Tensor, ...Tensor[]];
  const count = network.banks.length;
  const found: ForwardOutputs = {
    logits,
    classLoss,
    divisors: rest.slice(0, count),
    taps: rest.slice(count),
  };
  return { gradients: gradients as Tensor[], outputs: found };
}

function classRows(plan: TrainingPlan, logits: Tensor, classes: Tensor): [Tensor, Tensor] {
  const { labelSmoothing } = plan.regularizers;
  if (labelSmoothing === 0) return crossEntropyRows(logits, classes);
  return crossEntropyToRows(logits, smoothTargets(classes, logits.shape[1]!, labelSmoothing));
}

const FORMS = { log1m: log1mRows, confusion: confusionRows, reversal: reversalRows };

/** lambda * L_reg through detached heads: the trunk up to the tap gets a gradient, the heads get none. */
function regularizerLoss(
  { scope, plan, network, batch }: Step,
  taps: readonly Tensor[],
  divisors: readonly Tensor[],
): Tensor | null {
  if (plan.regularizedHead === null) return null;
  const { lambda, form } = plan.regularizers.randomLabel;
  const { tap, n } = plan.heads[plan.regularizedHead]!;
  const bank = network.banks.findIndex((b) => b.tap === tap);
  const { heads } = network.banks[bank]!;
  const z = tf.div(taps[tap - 1]!, divisors[bank]!);
  const frozen = (variable: Variable) => detach(scope.read(variable));
  const group = heads.groups.find((g) => g.n === n)!;
  const logits = heads.firstDraw(z, group, frozen, batch.classes);
  const labels = tf.reshape(tf.slice(batch.randomLabels(n), [0, 0], [-1, 1]), [-1]);
  const loss = meanLoss(logits, (s) => mixLoss(labels, batch.mixed, (r) => FORMS[form](s, r)));
  return tf.mul(loss, lambda);
}

/**
 * strength * L_own of a regularizer from the researcher's own file: it sees no head, so none gets a gradient from it.
 *
 * @param values of the parameters at which this pass computes.
 */
function ownLoss(
  { plan, batch, variables }: Step,
  values: readonly Tensor[],
  outputs: Pick<ExtraLossInputs, "taps" | "logits" | "noise">,
): Tensor | null {
  const { custom } = plan.regularizers;
  if (custom === null) return null;
  if (plan.own.loss === null) throw new Error("the regularizer's own file was not loaded");
  const own = tf.oneHot(batch.classes, plan.protocol.classes, 1, 0, "float32");
  const mixed = (mix: Mix) =>
    tf.add(tf.mul(own, mix.weight), tf.mul(mix.partner(own), tf.sub(1, mix.weight)));
  const targets = batch.mixed ? mixed(batch.mixed) : own;
  const weights = variables.map(({ name }, i) => ({
    name: name.replace(/^trunk\//, ""),
    value: values[i]!,
  }));
  return tf.mul(plan.own.loss({ ...outputs, targets, weights }), custom.strength);
}

/** @throws UserError naming a parameter that nothing trained depends on; only an architecture of one's own has such. */
function requireGradients(
  gradients: readonly (Tensor | null | undefined)[],
  variables: readonly Variable[],
) {
  const without = variables.filter((_, i) => !gradients[i]);
  if (without.length === 0) return;
  const names = without.map(({ name }) => name.replace(/^trunk\//, "")).join(", ");
  throw new UserError(
    `no gradient reaches ${names}: the last tap, which the class head reads, does not depend on it, or only through an ` +
      "operation without gradient. Use it on the way to the last tap, or leave it out.",
  );
}

/** Sharpness-aware minimization (arXiv 2010.01412): the gradient at w + rho g/|g|. */
function sharpGradients(
  step: Step,
  values: readonly Tensor[],
  { gradients, outputs }: { gradients: Tensor[]; outputs: ForwardOutputs },
): Tensor[] {
  const scale = tf.div(step.plan.regularizers.sam, tf.add(jointNorm(gradients), 1e-12));
  const moved = values.map((value, i) => tf.add(value, tf.mul(gradients[i]!, scale)));
  return forwardBackward(step, moved, outputs.divisors).gradients;
}

/** Heads on the trunk as it was at initialization, over the very images and labels of the step. */
function learnFrozenHeads(step: Step): Tensor[] {
  const { scope, plan, batch } = step;
  const { frozen } = step.network;
  if (!frozen) return [];
  const features = frozenFeatures(step, frozen);
  const isFirst = tf.equal(batch.step, 0);
  const divisor = updateDivisor(scope, plan, frozen.bank.heads, features, isFirst);
  return learnHeads(step, frozen.bank, tf.div(features, divisor));
}

/** [B, D]. */
function frozenFeatures({ scope, plan, network, batch }: Step, frozen: FrozenTrunk): Tensor {
  if (frozen.features) return gatherRows(scope.read(frozen.features), batch.rows, "float32");
  const pass = frozenPass(scope, frozen, { norm: normConstants(plan.protocol), key: batch.key });
  return network.trunk.forward(batch.images, pass).at(-1)!;
}

/** @param z features as the heads read them, [B, D]. */
function learnHeads({ scope, plan, batch }: Step, bank: Bank, z: Tensor): Tensor[] {
  const labels = bank.heads.groups.map(({ n }) => batch.randomLabels(n));
  const headBatch = { z, labels, classes: batch.classes, mix: batch.mixed };
  return trainHeads(scope, plan, bank.heads, bank.variables, headBatch, batch.rate);
}
