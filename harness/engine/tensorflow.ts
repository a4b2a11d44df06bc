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
