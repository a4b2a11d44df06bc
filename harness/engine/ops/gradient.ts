/** @file How a fused operation gets its gradient, and how a tensor leaves the gradient's path. */

import { backend, tf, type Tensor } from "../tensorflow.ts";

type Save = (tensors: Tensor[]) => void;
/** Value of a fused operation, and the gradients of its inputs from the gradient of the value. */
export interface Fused {
  value: Tensor;
  gradient: (dy: Tensor, saved: Tensor[]) => Tensor[];
}

/** Calls `body` as one operation for differentiation; what the gradient needs goes through `save`. */
export function fused(inputs: readonly Tensor[], body: (x: Tensor[], save: Save) => Fused): Tensor {
  const operation = tf.customGrad((...args: (Tensor | Save)[]) => {
    const save = args.pop() as Save;
    const { value, gradient } = body(args as Tensor[], save);
    return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => gradient(dy, saved) };
  });
  return operation(...inputs);
}

/** The same values, constant under differentiation: exactly zero gradient, and no operation at all. */
export function detach(x: Tensor): Tensor {
  backend.incRef(x.dataId);
  const { dataId, shape, dtype } = x;
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
}

/** Gradients of a scalar by `xs`; null where the scalar does not depend on it. */
export function valueAndGradients(
  loss: () => Tensor,
  xs: readonly Tensor[],
): { value: Tensor; gradients: (Tensor | null)[] } {
  const { value, grads } = tf.engine().gradients(loss, [...xs], undefined, true);
  return { value, gradients: grads };
}

/** The same, with tensors that `body` made on the way and that are wanted afterwards. */
export function gradientsAndSeen(
  body: () => { loss: Tensor; seen: Tensor[] },
  xs: readonly Tensor[],
): { gradients: (Tensor | null)[]; seen: Tensor[] } {
  let kept: Tensor[] = [];
  const { gradients } = valueAndGradients(() => {
    const { loss, seen } = body();
    kept = seen.map((tensor) => tf.keep(tensor));
    return loss;
  }, xs);
  return { gradients, seen: kept.map(release) };
}

/** Hands a kept tensor, made in a scope that has ended, to the scope of now. */
export function release(kept: Tensor): Tensor {
  const tensor = detach(kept);
  kept.dispose();
  return tensor;
}
