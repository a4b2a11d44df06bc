/** @file Moves values from TensorFlow to JavaScript; what the addon cannot read travels as int32: float64 as pairs. */

import { dtypeOf, op } from "./op.ts";
import { backend, binding, tidy, type Tensor, type Values } from "./tensorflow.ts";

/** A tensor's values in row-major order, as a fresh array. */
export function readTensor(tensor: Tensor): Values {
  const dtype = dtypeOf(tensor);
  if (dtype === "uint8") return Uint8Array.from(tidy(() => readTensor(widened(tensor))));
  if (dtype !== "float64") return backend.readSync(tensor.dataId).slice();
  const pairs = tidy(() => backend.readSync(asInt32(tensor).dataId));
  return asFloat64(pairs);
}

/** float64 [...] -> int32 [..., 2], the same bits. */
export const asInt32 = (tensor: Tensor) =>
  op("Bitcast", [tensor], { T: { type: "float64" }, type: { type: "int32" } });

const widened = (tensor: Tensor) =>
  op("Cast", [tensor], { SrcT: { type: "uint8" }, DstT: { type: "int32" } });

export const asFloat64 = (pairs: Values) =>
  new Float64Array(pairs.buffer, pairs.byteOffset, pairs.byteLength / 8);

/** Reads and frees a tensor the addon made. */
export function takeValues(id: number): Values {
  try {
    return binding.tensorDataSync(id);
  } finally {
    binding.deleteTensor(id);
  }
}
