/** @file Runs one TensorFlow operation by name. Everything that is not plain tfjs goes through here. */

import { DTYPE, dtypeName, type DType } from "./dtype.ts";
import { backend, binding, tf, type NativeAttribute, type Tensor } from "./tensorflow.ts";

/** An operation's attribute, typed by how TensorFlow reads it. */
export type Attribute =
  | { type: DType }
  | { int: number }
  | { ints: number[] }
  | { float: number }
  | { bool: boolean }
  | { string: string }
  | { shape: number[] };

export type Attributes = Readonly<Record<string, Attribute>>;

/** The element type TensorFlow holds, which tfjs does not know for uint8 and float64. */
export const dtypeOf = (tensor: Tensor): DType =>
  dtypeName(backend.tensorMap.get(tensor.dataId).dtype);

/** @throws Error naming the variable, for a value of another element type. */
export function requireTypeOf({ name, dtype }: { name: string; dtype: DType }, value: Tensor) {
  const found = dtypeOf(value);
  if (found !== dtype) throw new Error(`variable ${name} is ${dtype}; it was given ${found}`);
}

/** Executes `name` and returns all its outputs. @throws Error with TensorFlow's words when it refuses. */
export function ops(
  name: string,
  inputs: readonly Tensor[],
  attributes: Attributes,
  outputs: number,
): Tensor[] {
  const native = Object.entries(attributes).map(([key, value]) => toNative(key, value));
  return door.execute(name, native, [...inputs], outputs);
}

/** Executes `name` and returns its only (or first) output. */
export function op(name: string, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor {
  return ops(name, inputs, attributes, 1)[0]!;
}

/** The one place the recorder has to wrap for our own operations. */
export const door = { execute };

/** As the backend's own method, for every element type (the backend refuses float64). */
function execute(
  name: string,
  attributes: NativeAttribute[],
  inputs: Tensor[],
  outputs: number,
): Tensor[] {
  const made = binding.executeOp(name, attributes, backend.getInputTensorIds(inputs), outputs);
  return made.map(({ id, shape, dtype }) => adopt(id, shape, dtype));
}

/** Hands a native tensor to tfjs, which owns it from then on. */
export function adopt(id: number, shape: number[], dtype: number): Tensor {
  const dataId = {};
  backend.tensorMap.set(dataId, { shape, dtype, id, values: null, refCount: 1 });
  const shown = dtype === DTYPE.float32 || dtype === DTYPE.float64 ? "float32" : tfjsInteger(dtype);
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: shown });
}

/** tfjs would refuse a float64 that one of its operations makes, and warn of an int64: every type is kept as it is. */
backend.createOutputTensor = ({ id, shape, dtype }) => adopt(id, shape, dtype);

const tfjsInteger = (dtype: number) => (dtype === DTYPE.bool ? "bool" : "int32");

function toNative(name: string, a: Attribute): NativeAttribute {
  if ("type" in a) return { name, type: binding.TF_ATTR_TYPE, value: DTYPE[a.type] };
  if ("int" in a) return { name, type: binding.TF_ATTR_INT, value: a.int };
  if ("ints" in a) return { name, type: binding.TF_ATTR_INT, value: a.ints };
  if ("float" in a) return { name, type: binding.TF_ATTR_FLOAT, value: a.float };
  if ("bool" in a) return { name, type: binding.TF_ATTR_BOOL, value: a.bool };
  if ("string" in a) return { name, type: binding.TF_ATTR_STRING, value: a.string };
  return { name, type: binding.TF_ATTR_SHAPE, value: a.shape };
}
