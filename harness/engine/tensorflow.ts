/**
 * @file The only door to TensorFlow: tfjs-node-gpu, its backend, and the native binding below it.
 *
 * The thread counts (`TF_NUM_INTRAOP_THREADS`, `TF_NUM_INTEROP_THREADS`) are read when this module loads the
 * library; a process that wants others has to set them before.
 */

import "./node-shim.ts";
import { createRequire } from "node:module";
import type * as TensorFlow from "@tensorflow/tfjs-node-gpu";

export type Tensor = TensorFlow.Tensor;
export type DataId = Tensor["dataId"];
export type Values = Float32Array | Int32Array | Uint8Array | Float64Array;

/** What the native addon answers for a tensor it made. */
export interface NativeTensor {
  id: number;
  shape: number[];
  dtype: number;
}

/** An operation's attribute as the addon takes it. */
export interface NativeAttribute {
  name: string;
  type: number;
  value: unknown;
}

interface Binding {
  createTensor(shape: readonly number[], dtype: number, values: Values): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Values;
  executeOp(
    op: string,
    attributes: NativeAttribute[],
    ids: number[],
    outputs: number,
  ): NativeTensor[];
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: number[], inputNames: string, outputs: string): NativeTensor[];
  getNumOfSavedModels(): number;
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
  readonly TF_Version: string;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}

/** The backend's note on a tensor; `values` are set until the addon has seen them. */
interface TensorNote {
  shape: number[];
  dtype: number;
  id: number;
  values: Values | null;
  refCount: number;
}

type Execute = (
  op: string,
  attributes: NativeAttribute[],
  inputs: Tensor[],
  outputs: number,
) => Tensor[];

interface Backend {
  binding: Binding;
  tensorMap: {
    get(id: DataId): TensorNote;
    set(id: DataId, note: TensorNote): void;
    has(id: DataId): boolean;
  };
  getInputTensorIds(tensors: Tensor[]): number[];
  createOutputTensor: (made: NativeTensor) => Tensor;
  incRef(id: DataId): void;
  readSync(id: DataId): Values;
  executeSingleOutput: (op: string, attributes: NativeAttribute[], inputs: Tensor[]) => Tensor;
  executeMultipleOutputs: Execute;
}

export const tf = createRequire(import.meta.url)("@tensorflow/tfjs-node-gpu") as typeof TensorFlow;
export const backend = tf.backend() as unknown as Backend;
export const binding = backend.binding;

/** Runs `body` and frees every tensor it made that is not in what it returns; the result may be anything. */
export function tidy<T>(body: () => T): T {
  return tf.tidy(body as () => TensorFlow.TensorContainer) as T;
}

/** Element types: our names, TensorFlow's numbers (types.proto), JavaScript's arrays. */
export const DTYPE = { float32: 1, float64: 2, int32: 3, uint8: 4, int64: 9, bool: 10 } as const;

export type DType = keyof typeof DTYPE;

/** Types a variable or an input may have: those the addon can hand over. */
export const STORED_TYPES = ["float32", "int32", "uint8"] as const;

export type StoredType = (typeof STORED_TYPES)[number];

/** Types that TensorFlow has and nothing here uses: only to name them. */
const OTHERS: Readonly<Record<number, string>> = {
  5: "int16",
  6: "int8",
  7: "string",
  8: "complex64",
  14: "bfloat16",
  17: "uint16",
  18: "complex128",
  19: "float16",
  20: "resource",
  22: "uint32",
  23: "uint64",
};

const NAMES = new Map<number, DType>(
  Object.entries(DTYPE).map(([name, number]) => [number, name as DType]),
);

/** @throws Error for a type that no operation of ours makes. */
export function dtypeName(number: number): DType {
  const name = NAMES.get(number);
  if (!name)
    throw new Error(
      `a tensor of ${OTHERS[number] ?? `element type ${number}`}: only ${Object.keys(DTYPE).join(", ")} can be recorded`,
    );
  return name;
}

/** @throws Error naming the value, for a type that the addon cannot hand over. */
export function requireStored(what: string, dtype: string): void {
  if (STORED_TYPES.some((stored) => stored === dtype)) return;
  throw new Error(`${what} is ${dtype}: only ${STORED_TYPES.join(", ")} can be stored or fed`);
}

export function allocate(dtype: StoredType, length: number): Values {
  if (dtype === "float32") return new Float32Array(length);
  return dtype === "int32" ? new Int32Array(length) : new Uint8Array(length);
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((size, d) => size * d, 1);

/** A tensor's values in row-major order, as a fresh array. @throws Error for a type that has no way out. */
export function readTensor(tensor: Tensor): Values {
  const dtype = dtypeOf(tensor);
  const way = wayOut(dtype);
  if (!way) return backend.readSync(tensor.dataId).slice();
  // Past the recorder: what is only looked at is no part of a graph.
  const ids = backend.getInputTensorIds([tensor]);
  const [made] = binding.executeOp(way.op, way.types.map(typeAttribute), ids, 1);
  return way.back(takeValues(made!.id));
}

const typeAttribute = ([name, type]: [string, DType]): NativeAttribute => ({
  name,
  type: binding.TF_ATTR_TYPE,
  value: DTYPE[type],
});

/** How a tensor leaves a graph: as a type that the addon reads, and how the values become what they were. */
export function readable(tensor: Tensor): { tensor: Tensor; back: (values: Values) => Values } {
  const way = wayOut(dtypeOf(tensor));
  if (!way) return { tensor, back: (values) => values };
  const attributes: Attributes = Object.fromEntries(
    way.types.map(([key, type]) => [key, { type }]),
  );
  return { tensor: op(way.op, [tensor], attributes), back: way.back };
}

interface WayOut {
  op: "Bitcast" | "Cast";
  types: [attribute: string, type: DType][];
  back: (values: Values) => Values;
}

/** Null for what the addon reads as it is. */
function wayOut(dtype: DType): WayOut | null {
  if (dtype === "int64")
    throw new Error("values of int64 cannot be read: Cast them to int32 first");
  if (dtype === "uint8")
    return {
      op: "Cast",
      types: [
        ["SrcT", "uint8"],
        ["DstT", "int32"],
      ],
      back: (values) => Uint8Array.from(values),
    };
  if (dtype !== "float64") return null;
  return {
    op: "Bitcast",
    types: [
      ["T", "float64"],
      ["type", "int32"],
    ],
    back: asFloat64,
  };
}

/** int32 [..., 2], the bits of float64 [...]. */
const asFloat64 = (pairs: Values) =>
  new Float64Array(pairs.buffer, pairs.byteOffset, pairs.byteLength / 8);

/** Reads and frees a tensor the addon made. */
export function takeValues(id: number): Values {
  try {
    return binding.tensorDataSync(id);
  } finally {
    binding.deleteTensor(id);
  }
}

/** An operation's attribute, typed by how TensorFlow reads it. */
type Attribute =
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

type Save = (tensors: Tensor[]) => void;

/** Value of a fused operation, and the gradients of its inputs from the gradient of the value. */
interface Fused {
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
