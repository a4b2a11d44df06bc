/**
 * @file Tensors without values, so that recording does not have to compute.
 *
 * Recording runs a body once for the sake of its shapes; nobody looks at the values. The operations that take time
 * are answered by their shapes alone; a tensor gets memory only if some other operation wants to read it.
 */

import { DTYPE, sizeOf } from "./dtype.ts";
import { backend, tf, type NativeAttribute, type Tensor } from "./tensorflow.ts";

type Attribute = (name: string) => unknown;
/** The shapes of all outputs, or null where the operation has to run. */
type Shapes = (inputs: readonly Tensor[], attribute: Attribute) => number[][] | null;

const ofFirst: Shapes = ([x]) => [x!.shape];
/** As in NumPy: axes of size 1 stretch. */
const broadcast: Shapes = ([a, b]) => {
  const rank = Math.max(a!.rank, b!.rank);
  const size = (x: Tensor, axis: number) => x.shape[axis - rank + x.rank] ?? 1;
  return [Array.from({ length: rank }, (_, i) => (size(a!, i) === 1 ? size(b!, i) : size(a!, i)))];
};
const reduced: Shapes = ([x, axes], attribute) => {
  const gone = new Set(valuesOf(axes!).map((axis) => (axis < 0 ? axis + x!.rank : axis)));
  const kept = attribute("keep_dims") ? x!.shape.map((size, i) => (gone.has(i) ? 1 : size)) : null;
  return [kept ?? x!.shape.filter((_, i) => !gone.has(i))];
};

const same = (names: string, shapes: Shapes) => names.split(" ").map((name) => [name, shapes]);

const SHAPES = Object.fromEntries([
  ...same("Relu ReluGrad BiasAdd Softmax MaxPoolGrad", ofFirst),
  ...same("Erf Exp Neg Rsqrt Sigmoid Sqrt Square Tanh", ofFirst),
  ...same("Add AddV2 Maximum Minimum Mul RealDiv Sub", broadcast),
  ...same("Mean Sum", reduced),
  ...same("Fill StatelessRandomNormal StatelessRandomUniform", ([sizes]) => [valuesOf(sizes!)]),
  ["Reshape", reshaped],
  ["Transpose", ([x, order]) => [valuesOf(order!).map((axis) => x!.shape[axis]!)]],
  ["BiasAddGrad", ([dy]) => [dy!.shape.slice(-1)]],
  ["Conv2D", convolved],
  ["Conv2DBackpropInput", ([sizes]) => [valuesOf(sizes!)]],
  ["Conv2DBackpropFilter", ([, sizes]) => [valuesOf(sizes!)]],
  // y; mean, variance and what the gradient reads of them; the last is of use to a GPU only.
  ["FusedBatchNormV3", ([x, ...c]) => [x!.shape, ...Array<number[]>(4).fill(c[0]!.shape), [0]]],
  ["FusedBatchNormGradV3", ([, x, gamma]) => [x!.shape, gamma!.shape, gamma!.shape, [0], [0]]],
  [
    "MatMul",
    ([a, b], attribute) => [
      [a!.shape[attribute("transpose_a") ? 1 : 0]!, b!.shape[attribute("transpose_b") ? 0 : 1]!],
    ],
  ],
  ["BatchMatMulV2", batchProduct],
] as [string, Shapes][]);

function reshaped([x, sizes]: readonly Tensor[]) {
  const asked = valuesOf(sizes!);
  const known = sizeOf(asked.filter((size) => size >= 0));
  return [asked.map((size) => (size < 0 ? x!.size / known : size))];
}

function convolved([x, filter]: readonly Tensor[], attribute: Attribute) {
  const [batch, height, width] = x!.shape as [number, number, number];
  const [, stride] = attribute("strides") as [number, number];
  const along = (length: number, axis: 0 | 1) =>
    Math.ceil((length - (attribute("padding") === "SAME" ? 0 : filter!.shape[axis]! - 1)) / stride);
  return [[batch, along(height, 0), along(width, 1), filter!.shape[3]!]];
}

/** Of equal batch shapes only; tfjs also makes products that stretch, ours never. */
function batchProduct([a, b]: readonly Tensor[], attribute: Attribute) {
  const batches = a!.shape.slice(0, -2);
  if (batches.join() !== b!.shape.slice(0, -2).join()) return null;
  const rows = a!.shape.at(attribute("adj_x") ? -1 : -2)!;
  return [[...batches, rows, b!.shape.at(attribute("adj_y") ? -2 : -1)!]];
}

const valuesOf = (sizes: Tensor) => Array.from(backend.readSync(sizes.dataId));

/** Tensors of the shapes that an operation would give, or null where it has to run. */
export function standIns(
  op: string,
  attributes: readonly NativeAttribute[],
  inputs: readonly Tensor[],
): Tensor[] | null {
  const shapes = Object.hasOwn(SHAPES, op) ? SHAPES[op] : undefined;
  const attribute = (name: string) => attributes.find((a) => a.name === name)?.value;
  // Whole numbers are few, and some are shapes of what follows.
  if (!shapes || (attribute("dtype") ?? attribute("T")) !== DTYPE.float32) return null;
  return shapes(inputs, attribute)?.map(valueless) ?? null;
}

let zeros = new Float32Array(0);

/** A float32 tensor that is given memory, all zeros, when an operation reads it. */
export function valueless(shape: number[]): Tensor {
  const size = sizeOf(shape);
  if (zeros.length < size) zeros = new Float32Array(size);
  const dataId = {};
  const values = zeros.subarray(0, size);
  backend.tensorMap.set(dataId, { shape, dtype: DTYPE.float32, id: -1, values, refCount: 1 });
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: "float32" });
}
