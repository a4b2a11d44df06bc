/**
 * @file Shapes of the costly operations, so that recording does not have to compute them.
 *
 * Recording runs a body once for the sake of its shapes; nobody looks at the values. Convolutions and matrix
 * products, nearly all of the time, are answered by zeros of the right shape.
 */

import { dtypeOf } from "./op.ts";
import { backend, type NativeAttribute, type Tensor } from "./tensorflow.ts";

type Shapes = (inputs: readonly Tensor[], attribute: (name: string) => unknown) => number[];

const SHAPES: Readonly<Record<string, Shapes>> = {
  Conv2D: ([x, filter], attribute) => {
    const [batch, height, width] = x!.shape as [number, number, number];
    const [, stride] = attribute("strides") as [number, number];
    const along = (length: number, axis: 0 | 1) =>
      Math.ceil(
        (length - (attribute("padding") === "SAME" ? 0 : filter!.shape[axis]! - 1)) / stride,
      );
    return [batch, along(height, 0), along(width, 1), filter!.shape[3]!];
  },
  Conv2DBackpropInput: ([sizes]) => valuesOf(sizes!),
  Conv2DBackpropFilter: ([, sizes]) => valuesOf(sizes!),
  MatMul: ([a, b], attribute) => [
    a!.shape[attribute("transpose_a") ? 1 : 0]!,
    b!.shape[attribute("transpose_b") ? 0 : 1]!,
  ],
  BatchMatMulV2: ([a, b], attribute) => [
    ...a!.shape.slice(0, -2),
    a!.shape.at(attribute("adj_x") ? -1 : -2)!,
    b!.shape.at(attribute("adj_y") ? -2 : -1)!,
  ],
};

const valuesOf = (sizes: Tensor) => Array.from(backend.readSync(sizes.dataId));

/** The shape of an operation's only output, or null where it has to run. */
export function shapeWithoutRunning(
  op: string,
  attributes: readonly NativeAttribute[],
  inputs: readonly Tensor[],
): number[] | null {
  const shape = Object.hasOwn(SHAPES, op) ? SHAPES[op] : undefined;
  // Batched products of unequal batch shapes broadcast; tfjs makes some, ours never.
  if (!shape || dtypeOf(inputs.at(-1)!) !== "float32") return null;
  if (op === "BatchMatMulV2" && !sameBatches(inputs)) return null;
  return shape(inputs, (name) => attributes.find((a) => a.name === name)?.value);
}

const sameBatches = ([a, b]: readonly Tensor[]) =>
  a!.shape.slice(0, -2).join() === b!.shape.slice(0, -2).join();
