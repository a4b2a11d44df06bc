/** @file A regularizer from a researcher's own file (method.md section 3, L_own). */

import { UserError } from "../errors.ts";
import { dtypeOf } from "../engine/tensorflow.ts";
import type { ExtraLoss } from "../model/network-exports.ts";
import { callToCompute, isTensor } from "./custom-call.ts";
import type { CustomModule } from "./custom-module.ts";
import type { OwnParts } from "./plan.ts";

/** The loss of a batch, a scalar, before it is multiplied by its strength. @throws UserError naming file and line. */
export function customLoss(module: CustomModule<ExtraLoss>): NonNullable<OwnParts["loss"]> {
  const { file } = module;
  return (inputs) => {
    const loss: unknown = callToCompute(module, "while it computed its loss", () =>
      module.call(inputs),
    );
    if (!isTensor(loss))
      throw new UserError(
        `${file}: its function must return a scalar tensor; it returned ${typeof loss}.`,
      );
    if (loss.rank > 0)
      throw new UserError(
        `${file}: its loss is [${loss.shape.join(", ")}], not a scalar: end with tf.mean or tf.sum.`,
      );
    if (dtypeOf(loss) !== "float32")
      throw new UserError(`${file}: its loss is ${dtypeOf(loss)}, not float32.`);
    return loss;
  };
}
