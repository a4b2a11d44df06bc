/**
 * @file The only access to TensorFlow: tfjs-node-gpu, its backend, and the native binding below it.
 *
 * The thread counts (`TF_NUM_INTRAOP_THREADS`, `TF_NUM_INTEROP_THREADS`) are read when this module loads the
 * library; a process that needs other counts must set them first.
 */

import "./node-shim.ts";
import { createRequire } from "node:module";
import type * as TensorFlow from "@tensorflow/tfjs-node-gpu";

export type Tensor = TensorFlow.Tensor;
export type DataId = Tensor["dataId"];
export type Values = Float32Array | Int32Array | Uint8Array | Float64Array;

/** What the native addon returns for a tensor that it has made. */
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

/** The backend's record of a tensor; `values` is null once the addon holds them. */
interface TensorRecord {
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
    get(id: DataId): TensorRecord;
    set(id: DataId, record: TensorRecord): void;
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

/** Runs `body` and frees every tensor it made that is not part of its result, which may be anything. */
export function tidy<T>(body: () => T): T {
  return tf.tidy(body as () => TensorFlow.TensorContainer) as T;
}

/** Element types: our names, TensorFlow's numbers (types.proto), JavaScript's arrays. */
export const DTYPE = { float32: 1, float64: 2, int32: 3, uint8: 4, int64: 9, bool: 10 } as const;

export type DType = keyof typeof DTYPE;

/** Types that a variable or an input may have: those whose values the addon accepts. */
export const STORED_TYPES = ["float32", "int32", "uint8"] as const;

export type StoredType = (typeof STORED_TYPES)[number];

/** TensorFlow's other types, which nothing here uses: names for error messages. */
const UNUSED_TYPES: Readonly<Record<number, string>> = {
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

/** @throws Error for a type that none of our operations makes. */
export function dtypeName(number: number): DType {
  const name = NAMES.get(number);
  if (!name)
    throw new Error(
      `a tensor of ${UNUSED_TYPES[number] ?? `element type ${number}`}: only ${Object.keys(DTYPE).join(", ")} can be recorded`,
    );
  return name;
}

/** @throws Error naming the value, for a type that the addon does not accept. */
export function requireStored(what: string, dtype: string): void {
  if (STORED_TYPES.some((stored) => stored === dtype)) return;
  throw new Error(`${what} is ${dtype}: only ${STORED_TYPES.join(", ")} can be stored or fed`);
}

export function allocate(dtype: StoredType, length: number): Values {
  if (dtype === "float32") return new Float32Array(length);
  return dtype === "int32" ? new Int32Array(length) : new Uint8Array(length);
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((size, d) => size * d, 1);

/** A tensor's values in row-major order, as a new array. @throws Error for int64, which cannot be read. */
export function readTensor(tensor: Tensor): Values {
  const dtype = dtypeOf(tensor);
  const conversion = readConversion(dtype);
  if (!conversion) return backend.readSync(tensor.dataId).slice();
  // Bypasses the recorder: reading a value is not part of a graph.
  const ids = backend.getInputTensorIds([tensor]);
  const attributes = conversion.types.map(typeAttribute);
  const [made] = binding.executeOp(conversion.op, attributes, ids, 1);
  return conversion.restore(takeValues(made!.id));
}

const typeAttribute = ([name, type]: [string, DType]): NativeAttribute => ({
  name,
  type: binding.TF_ATTR_TYPE,
  value: DTYPE[type],
});

/** The tensor as a type that the addon can read, and how to restore the values that it reads. */
export function readable(tensor: Tensor): { tensor: Tensor; restore: (values: Values) => Values } {
  const conversion = readConversion(dtypeOf(tensor));
  if (!conversion) return { tensor, restore: (values) => values };
  const attributes: Attributes = Object.fromEntries(
    conversion.types.map(([key, type]) => [key, { type }]),
  );
  return { tensor: op(conversion.op, [tensor], attributes), restore: conversion.restore };
}

/** A conversion inside TensorFlow to a type that the addon can read, and its inverse on the values read. */
interface ReadConversion {
  op: "Bitcast" | "Cast";
  types: [attribute: string, type: DType][];
  restore: (values: Values) => Values;
}

/** Null for a type that the addon reads directly. */
function readConversion(dtype: DType): ReadConversion | null {
  if (dtype === "int64")
    throw new Error("values of int64 cannot be read: Cast them to int32 first");
  if (dtype === "uint8")
    return {
      op: "Cast",
      types: [
        ["SrcT", "uint8"],
        ["DstT", "int32"],
      ],
      restore: (values) => Uint8Array.from(values),
    };
  if (dtype !== "float64") return null;
  return {
    op: "Bitcast",
    types: [
      ["T", "float64"],
      ["type", "int32"],
    ],
    restore: asFloat64,
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

/** Executes `name` and returns all its outputs. @throws Error with TensorFlow's message when it fails. */
export function ops(
  name: string,
  inputs: readonly Tensor[],
  attributes: Attributes,
  outputs: number,
): Tensor[] {
  const native = Object.entries(attributes).map(([key, value]) => toNative(key, value));
  return executor.execute(name, native, [...inputs], outputs);
}

/** Executes `name` and returns its only (or first) output. */
export function op(name: string, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor {
  return ops(name, inputs, attributes, 1)[0]!;
}

/** Executes our own operations; the recorder replaces its method while it records. */
export const executor = { execute };

/** Like the backend's own method, but for every element type (the backend refuses float64). */
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

/** tfjs would refuse a float64 made by one of its operations, and warn about an int64; here every type is kept. */
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

/** The value of a fused operation, and the gradients at its inputs as a function of `dy`, the gradient at the value. */
interface Fused {
  value: Tensor;
  gradient: (dy: Tensor, saved: Tensor[]) => Tensor[];
}

/**
 * Calls `body` as one operation for differentiation; what the gradient needs goes through `save`.
 *
 * @example fused([x], ([x], save) => {
 *   const y = op("Relu", [x!], { T });
 *   save([y]);
 *   return { value: y, gradient: (dy, [y]) => [op("ReluGrad", [dy, y!], { T })] };
 * });
 */
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

/** Value of a scalar, and its gradients with respect to `xs`; null for one that it does not depend on. */
export function valueAndGradients(
  loss: () => Tensor,
  xs: readonly Tensor[],
): { value: Tensor; gradients: (Tensor | null)[] } {
  const { value, grads } = tf.engine().gradients(loss, [...xs], undefined, true);
  return { value, gradients: grads };
}

/** Gradients of `loss`, and tensors of the forward pass that are needed after it, such as logits. */
export function gradientsAndKept(
  body: () => { loss: Tensor; keep: Tensor[] },
  xs: readonly Tensor[],
): { gradients: (Tensor | null)[]; kept: Tensor[] } {
  let kept: Tensor[] = [];
  const { gradients } = valueAndGradients(() => {
    const { loss, keep } = body();
    kept = keep.map((tensor) => tf.keep(tensor));
    return loss;
  }, xs);
  return { gradients, kept: kept.map(release) };
}

/** Moves a kept tensor, made in a tidy scope that has ended, into the current scope. */
export function release(kept: Tensor): Tensor {
  const tensor = detach(kept);
  kept.dispose();
  return tensor;
}
