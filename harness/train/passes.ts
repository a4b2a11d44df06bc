/** @file The ways a trunk is run: training, a second look at perturbed weights, evaluation, calibration. */

import { batchNorm, batchNormEvaluation } from "../engine/ops/batch-norm.ts";
import { purposeKey, uniform } from "../engine/ops/random.ts";
import type { Scope, Variable } from "../engine/program.ts";
import { type Tensor, tf } from "../engine/tensorflow.ts";
import type { Protocol } from "../../record/protocols.ts";
import type { Pass } from "../model/network.ts";

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

/** Batch statistics, dropout on. `statistics`: whether running statistics learn from this pass. */
export function trainingPass(
  scope: Scope,
  options: {
    norm: NormConstants;
    /** int32 [2], fresh at each step. */
    key: Tensor;
    statistics: boolean;
    read?: (variable: Variable) => Tensor;
  },
): Pass {
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

/** Running statistics, no dropout. */
export function evaluationPass(scope: Scope, norm: NormConstants): Pass {
  return {
    training: false,
    layerNormEpsilon: norm.layerEpsilon,
    read: (variable) => scope.read(variable),
    noise: () => {
      throw new Error("evaluation draws no noise");
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
export function calibrationPass(scope: Scope, norm: NormConstants, share: Tensor): Pass {
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
