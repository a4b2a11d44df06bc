/** @file The update of trunk and class head: clip, weight decay, momentum or AdamW, in that order. */

import { type Tensor, op, tf } from "../engine/tensorflow.ts";
import { adamStep } from "../engine/ops/adam.ts";
import type { Program, Scope, Variable } from "../engine/program.ts";
import type { Protocol } from "../../record/protocols.ts";

export interface Optimizer {
  /** Momentum and the like: part of a checkpoint, zero at the start. */
  readonly slots: readonly Variable[];
  /**
   * Updates every variable from its gradient.
   *
   * @param at learning rate, and the number of updates before this one: scalars.
   * @returns whether the joint norm was clipped, int32 0 or 1.
   */
  apply(scope: Scope, gradients: readonly Tensor[], at: { rate: Tensor; step: Tensor }): Tensor;
}

export function makeOptimizer(
  program: Program,
  variables: readonly Variable[],
  { optimizer, clipNorm }: Pick<Protocol, "optimizer" | "clipNorm">,
  weightDecay: number,
): Optimizer {
  const slot = (suffix: string) =>
    variables.map((v) => program.variable(`${v.name}/${suffix}`, v.shape));
  const update =
    optimizer.kind === "sgd"
      ? sgd(slot("velocity"), optimizer.momentum, weightDecay)
      : adamW(slot("first-moment"), slot("second-moment"), optimizer, weightDecay);
  return {
    slots: update.slots,
    apply(scope, gradients, at) {
      const { clipped, scaled } = clip(gradients, clipNorm);
      update.all(scope, variables, scaled, at);
      return clipped;
    },
  };
}

interface Update {
  slots: readonly Variable[];
  all(
    scope: Scope,
    variables: readonly Variable[],
    gradients: readonly Tensor[],
    at: { rate: Tensor; step: Tensor },
  ): void;
}

/** v = momentum v + (g + wd w); w -= rate v (method.md section 3). */
function sgd(velocities: readonly Variable[], momentum: number, weightDecay: number): Update {
  return {
    slots: velocities,
    all(scope, variables, gradients, { rate }) {
      for (const [i, variable] of variables.entries()) {
        const decayed = () => tf.add(gradients[i]!, tf.mul(scope.read(variable), weightDecay));
        const gradient = weightDecay > 0 ? decayed() : gradients[i]!;
        scope.momentum(variable, velocities[i]!, { rate, gradient, momentum });
      }
    },
  };
}

/** Scales all gradients by min(1, limit / joint norm). */
function clip(gradients: readonly Tensor[], limit: number | null) {
  if (limit === null) return { clipped: tf.scalar(0, "int32"), scaled: gradients };
  const norm = jointNorm(gradients);
  const scale = tf.minimum(tf.div(limit, norm), 1);
  return {
    clipped: tf.cast(tf.greater(norm, limit), "int32"),
    scaled: gradients.map((g) => tf.mul(g, scale)),
  };
}

/** Euclidean norm over all entries of all tensors, a scalar. */
export function jointNorm(tensors: readonly Tensor[]): Tensor {
  const halves = tensors.map((t) => op("L2Loss", [t], { T: { type: "float32" } }));
  return tf.sqrt(tf.mul(tf.addN(halves as never[]), 2));
}

/** Loshchilov & Hutter 2019 (arXiv 1711.05101): decay w by rate * wd, then Adam. */
function adamW(
  first: readonly Variable[],
  second: readonly Variable[],
  { betas, epsilon }: { betas: [number, number]; epsilon: number },
  weightDecay: number,
): Update {
  return {
    slots: [...first, ...second],
    all(scope, variables, gradients, { rate, step }) {
      const kept = tf.sub(1, tf.mul(rate, weightDecay));
      const update = adamStep({ rate, step: tf.add(step, 1), betas, epsilon });
      for (const [i, variable] of variables.entries()) {
        if (weightDecay > 0) scope.assign(variable, tf.mul(scope.read(variable), kept));
        scope.adam(variable, [first[i]!, second[i]!], gradients[i]!, update);
      }
    },
  };
}
