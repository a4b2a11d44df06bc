/** @file The random-label heads of one tap, computed in one matrix product. */

import { dense, relu } from "../engine/ops/activation.ts";
import type { Scope, Variable } from "../engine/program.ts";
import { type Tensor, detach, gradientsAndKept, tf } from "../engine/tensorflow.ts";
import type { Network } from "../model/network.ts";
import type { TrainingPlan } from "./plan.ts";
import { correctRows, crossEntropyRows, meanLoss } from "../engine/ops/loss.ts";
import { type Mix, mixLoss } from "./images.ts";

export type Read = (variable: Variable) => Tensor;

/** The draws of one label space at this tap; `first` is the index of draw 0 in the order of the heads' counts. */
export interface HeadGroup {
  n: number;
  draws: number;
  first: number;
}

export interface HeadBank {
  readonly groups: readonly HeadGroup[];
  /** Running mean square of the tap's features, a scalar (method.md section 2). */
  readonly meanSquare: Variable;
  /**
   * Logits of every head of a group, [B * draws, n], the draws of a sample next to each other.
   *
   * @param z features as the heads read them, [B, D].
   * @param classes class of each sample, [B]; only the per-class variant uses it.
   */
  logits(z: Tensor, read: Read, classes: Tensor): Tensor[];
  /** Logits of draw 0 of one group alone, [B, n]. */
  firstDraw(z: Tensor, group: HeadGroup, read: Read, classes: Tensor): Tensor;
}

export function headGroups(plan: TrainingPlan, tap: number): HeadGroup[] {
  const groups: HeadGroup[] = [];
  for (const [index, head] of plan.heads.entries()) {
    if (head.tap !== tap) continue;
    const group = groups.find(({ n }) => n === head.n);
    if (group) group.draws += 1;
    else groups.push({ n: head.n, draws: 1, first: index });
  }
  return groups;
}

/** The heads on the frozen trunk: the last tap's draws at the headline n; none where the protocol has none. */
export const frozenHeadGroups = ({ protocol, frozenDraws }: TrainingPlan): HeadGroup[] =>
  frozenDraws.length > 0 ? [{ n: protocol.headline, draws: frozenDraws.length, first: 0 }] : [];

/** Zero-initialized linear heads, or two-layer ones as an ablation. */
export function headBank(
  net: Network,
  plan: TrainingPlan,
  { tap, width, groups }: { tap: number; width: number; groups: readonly HeadGroup[] },
): HeadBank {
  const meanSquare = net.state(`tap${tap}/mean-square`, []);
  const slices = plan.ablations.perClass ? plan.protocol.classes : 1;
  const make = plan.ablations.headLayers === 1 ? linearHeads : twoLayerHeads;
  const heads = make(net, `tap${tap}`, width, groups, slices);
  const own = (logits: Tensor, group: HeadGroup, draws: number, classes: Tensor) =>
    slices === 1
      ? tf.reshape(logits, [-1, group.n])
      : classSlice(logits, { n: group.n, draws, slices }, classes);
  return {
    groups,
    meanSquare,
    logits: (z, read, classes) =>
      heads.all(z, read).map((logits, i) => own(logits, groups[i]!, groups[i]!.draws, classes)),
    firstDraw: (z, group, read, classes) =>
      own(heads.first(z, groups.indexOf(group), read), group, 1, classes),
  };
}

interface Heads {
  /** Per group [B, draws * slices * n]. */
  all(z: Tensor, read: Read): Tensor[];
  /** Draw 0 of group i: [B, slices * n]. */
  first(z: Tensor, i: number, read: Read): Tensor;
}

function linearHeads(
  net: Network,
  name: string,
  width: number,
  groups: readonly HeadGroup[],
  slices: number,
): Heads {
  const sizes = groups.map(({ n, draws }) => n * draws * slices);
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const columns = sizes.reduce((a, b) => a + b, 0);
  const weights = net.parameter(`${name}/weights`, [width, columns], { value: 0 });
  const bias = net.parameter(`${name}/bias`, [columns], { value: 0 });
  return {
    all(z, read) {
      const logits = dense(z, read(weights), read(bias));
      return sizes.length === 1 ? [logits] : tf.split(logits, sizes, 1);
    },
    first(z, i, read) {
      const size = groups[i]!.n * slices;
      const w = tf.slice(read(weights), [0, starts[i]!], [width, size]);
      return dense(z, w, tf.slice(read(bias), [starts[i]!], [size]));
    },
  };
}

/** Each head has a hidden layer of its own: D -> D, ReLU, D -> n. */
function twoLayerHeads(
  net: Network,
  name: string,
  width: number,
  groups: readonly HeadGroup[],
  slices: number,
): Heads {
  const heads = groups.map(({ n, draws }) =>
    Array.from({ length: draws }, (_, draw) => {
      const path = `${name}/n${n}/draw${draw}`;
      const start = { deviation: Math.sqrt(2 / width) };
      const hidden = net.parameter(`${path}/hidden`, [width, width], start);
      const hiddenBias = net.parameter(`${path}/hidden-bias`, [width], { value: 0 });
      const weights = net.parameter(`${path}/weights`, [width, n * slices], { value: 0 });
      const bias = net.parameter(`${path}/bias`, [n * slices], { value: 0 });
      return (z: Tensor, read: Read) =>
        dense(relu(dense(z, read(hidden), read(hiddenBias))), read(weights), read(bias));
    }),
  );
  return {
    all: (z, read) =>
      heads.map((draws) =>
        tf.concat(
          draws.map((head) => head(z, read)),
          1,
        ),
      ),
    first: (z, i, read) => heads[i]![0]!(z, read),
  };
}

/** Keeps only the n logits of each sample's class: [B, draws * slices * n] -> [B * draws, n]. */
function classSlice(
  logits: Tensor,
  { n, draws, slices }: { n: number; draws: number; slices: number },
  classes: Tensor,
): Tensor {
  const own = tf.reshape(tf.oneHot(classes as never, slices), [-1, 1, slices, 1]);
  const all = tf.reshape(logits, [-1, draws, slices, n]);
  return tf.reshape(tf.sum(tf.mul(all, own), 2), [-1, n]);
}

/** Most logits in one matrix product; a larger batch is processed in parts. */
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
export function updateDivisor(
  scope: Scope,
  plan: TrainingPlan,
  bank: HeadBank,
  z: Tensor,
  first: Tensor,
) {
  if (plan.ablations.headInput === "raw") return tf.scalar(1);
  const { decay } = plan.protocol.headRms;
  const now = tf.mean(tf.square(detach(z)));
  const blended = tf.add(tf.mul(scope.read(bank.meanSquare), decay), tf.mul(now, 1 - decay));
  scope.assign(bank.meanSquare, tf.where(first, now, blended));
  return frozenDivisor(scope, plan, bank);
}

export function frozenDivisor(scope: Scope, plan: TrainingPlan, bank: HeadBank): Tensor {
  if (plan.ablations.headInput === "raw") return tf.scalar(1);
  return tf.sqrt(tf.add(scope.read(bank.meanSquare), plan.protocol.headRms.epsilon));
}

interface HeadBatch {
  /** Detached features as the heads read them, [B, D]. */
  z: Tensor;
  /** Random labels of each group, [B, draws] each. */
  labels: readonly Tensor[];
  /** Trained-on classes, [B]. */
  classes: Tensor;
  mix: Mix | null;
}

/** Updates the heads. @returns numbers of labels predicted before the update, int32 [draws] for each group. */
export function trainHeads(
  scope: Scope,
  plan: TrainingPlan,
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
    return { loss, keep: sumByGroup(parts.map(({ correct }) => correct)) };
  };
  const { gradients, kept } = gradientsAndKept(body, values);
  const { momentum } = plan.protocol.headOptimizer;
  for (const [i, parameter] of parameters.entries())
    scope.momentum(parameter, velocities[i]!, { rate, gradient: gradients[i]!, momentum });
  return kept;
}

/** Each group's loss, weighted so that parts and draws add up to the sum of the heads' mean losses. */
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

/** Mean over the rows of all draws; times `draws` it is the sum of the heads' mean losses. */
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

/** Splits a batch that has too many logits; mixing needs the whole batch. */
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
