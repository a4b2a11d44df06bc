/** @file Moves values from TensorFlow to JavaScript; what the addon cannot read travels as int32: float64 as pairs. */

import { DTYPE, type DType } from "./dtype.ts";
import { dtypeOf, op, type Attributes } from "./op.ts";
import { backend, binding, type NativeAttribute, type Tensor, type Values } from "./tensorflow.ts";

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
