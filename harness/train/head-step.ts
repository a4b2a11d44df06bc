/** @file One step of the random-label heads of a tap: they learn, the trunk gets nothing. */

import { correctRows, crossEntropyRows, meanLoss } from "../engine/ops/loss.ts";
import { detach, gradientsAndSeen } from "../engine/ops/gradient.ts";
import type { Scope, Variable } from "../engine/program.ts";
import { tf, type Tensor } from "../engine/tensorflow.ts";
import type { HeadBank, Read } from "./head-bank.ts";
import { mixLoss, type Mix } from "./mix.ts";
import type { Plan } from "./plan.ts";

/** Logits of one matrix product at most, in entries; a larger batch is taken in parts. */
const LOGITS_AT_ONCE = 2 ** 25;

/** The tap's parameters with their velocities. */
export interface HeadVariables {
  parameters: readonly Variable[];
  velocities: readonly Variable[];
}

/**
 * z / sqrt(v + epsilon), v <- decay v + (1 - decay) mean(z^2); the first batch sets v (method.md section 2).
 *
 * @param first bool scalar: is this the first batch of the run?
 * @returns the divisor, a scalar, constant under differentiation.
 */
export function updateDivisor(scope: Scope, plan: Plan, bank: HeadBank, z: Tensor, first: Tensor) {
  if (plan.ablations.headInput === "raw") return tf.scalar(1);
  const { decay } = plan.protocol.headRms;
  const now = tf.mean(tf.square(detach(z)));
  const blended = tf.add(tf.mul(scope.read(bank.meanSquare), decay), tf.mul(now, 1 - decay));
  scope.assign(bank.meanSquare, tf.where(first, now, blended));
  return frozenDivisor(scope, plan, bank);
}

export function frozenDivisor(scope: Scope, plan: Plan, bank: HeadBank): Tensor {
  if (plan.ablations.headInput === "raw") return tf.scalar(1);
  return tf.sqrt(tf.add(scope.read(bank.meanSquare), plan.protocol.headRms.epsilon));
}

export interface HeadBatch {
  /** Detached features as the heads read them, [B, D]. */
  z: Tensor;
  /** Random labels of each group, [B, draws] each. */
  labels: readonly Tensor[];
  /** Trained-on classes, [B]. */
  classes: Tensor;
  mix: Mix | null;
}

/** Updates the heads. @returns correct labels before the update, int32 [draws] for each group. */
export function trainHeads(
  scope: Scope,
  plan: Plan,
  bank: HeadBank,
  { parameters, velocities }: HeadVariables,
  batch: HeadBatch,
  rate: Tensor,
): Tensor[] {
  const values = parameters.map((variable) => scope.read(variable));
  const read = (variable: Variable) => values[parameters.indexOf(variable)]!;
  const body = () => {
    const parts = split(batch, bank).map((part) => learnPart(bank, part, batch, read));
    const loss = tf.addN(parts.flatMap(({ losses }) => losses) as never[]);
    return { loss, seen: sumByGroup(parts.map(({ correct }) => correct)) };
  };
  const { gradients, seen } = gradientsAndSeen(body, values);
  const { momentum } = plan.protocol.headOptimizer;
  for (const [i, parameter] of parameters.entries())
    scope.momentum(parameter, velocities[i]!, { rate, gradient: gradients[i]!, momentum });
  return seen;
}

/** Each group's loss, weighted so that parts and draws add up to the sum of the heads' own means. */
function learnPart(bank: HeadBank, part: HeadBatch, whole: HeadBatch, read: Read) {
  const logits = bank.logits(part.z, read, part.classes);
  const share = part.z.shape[0] / whole.z.shape[0];
  return {
    losses: logits.map((s, i) => tf.mul(groupLoss(s, part, i), share * bank.groups[i]!.draws)),
    correct: logits.map((s, i) => countByDraw(s, part, i)),
  };
}

const sumByGroup = (parts: readonly Tensor[][]): Tensor[] =>
  parts.reduce((sums, part) => sums.map((sum, i) => tf.add(sum, part[i]!)));

/** Mean over the rows of all draws; times `draws` it is the sum of the heads' own means. */
function groupLoss(logits: Tensor, { labels, mix }: HeadBatch, group: number): Tensor {
  return meanLoss(logits, (s) =>
    mixLoss(labels[group]!, mix, (l) => crossEntropyRows(s, tf.reshape(l, [-1]))),
  );
}

function countByDraw(logits: Tensor, { labels, mix }: HeadBatch, group: number): Tensor {
  const heavier = mix ? mix.heavier(labels[group]!) : labels[group]!;
  const correct = correctRows(logits, tf.reshape(heavier, [-1]));
  return tf.sum(tf.cast(tf.reshape(correct, heavier.shape), "int32"), 0);
}

/** Parts of the batch whose logits fit at once; mixing needs the whole batch. */
function split(batch: HeadBatch, bank: HeadBank): HeadBatch[] {
  const rows = batch.z.shape[0];
  const columns = bank.groups.reduce((sum, { n, draws }) => sum + n * draws, 0);
  const parts = batch.mix ? 1 : Math.min(rows, Math.ceil((rows * columns) / LOGITS_AT_ONCE));
  if (parts === 1) return [batch];
  const sizes = Array.from({ length: parts }, (_, i) => partSize(rows, parts, i));
  const [z, classes, ...labels] = [batch.z, batch.classes, ...batch.labels].map((t) =>
    tf.split(t, sizes, 0),
  );
  return sizes.map((_, i) => ({
    z: z![i]!,
    classes: classes![i]!,
    labels: labels.map((l) => l[i]!),
    mix: null,
  }));
}

const partSize = (rows: number, parts: number, i: number) =>
  Math.floor((rows * (i + 1)) / parts) - Math.floor((rows * i) / parts);
