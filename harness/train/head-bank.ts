/** @file The random-label heads of one tap: all their columns in one matrix product. */

import { dense } from "../engine/ops/dense.ts";
import { relu } from "../engine/ops/activation.ts";
import type { Variable } from "../engine/program.ts";
import { tf, type Tensor } from "../engine/tensorflow.ts";
import type { Network } from "../model/network.ts";
import type { Plan } from "./plan.ts";

export type Read = (variable: Variable) => Tensor;

/** The draws of one label space at this tap; `first` is the index of draw 0 among the plan's heads. */
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
   * @param classes class of each sample, [B]; only the per-class variant looks at it.
   */
  logits(z: Tensor, read: Read, classes: Tensor): Tensor[];
  /** Logits of draw 0 of one group alone, [B, n]. */
  firstDraw(z: Tensor, group: HeadGroup, read: Read, classes: Tensor): Tensor;
}

export function headGroups(plan: Plan, tap: number): HeadGroup[] {
  const groups: HeadGroup[] = [];
  for (const [index, head] of plan.heads.entries()) {
    if (head.tap !== tap) continue;
    const group = groups.find(({ n }) => n === head.n);
    if (group) group.draws += 1;
    else groups.push({ n: head.n, draws: 1, first: index });
  }
  return groups;
}

/** Zero-initialised linear heads, or two-layer ones as an ablation. */
export function headBank(net: Network, plan: Plan, tap: number, width: number): HeadBank {
  const groups = headGroups(plan, tap);
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

/** Each head with a hidden layer of its own: D -> D, ReLU, D -> n. */
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
