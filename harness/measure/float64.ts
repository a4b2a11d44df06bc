/**
 * @file Operations on float64 tensors, which tfjs does not know, and how such values live in a program's variables.
 *
 * A variable holds float64 [...] as the same bits in int32 [..., 2], because the addon does not accept float64.
 */

import {
  type Attributes,
  type Tensor,
  type Values,
  dtypeOf,
  op,
  ops,
  tf,
} from "../engine/tensorflow.ts";
import type { Scope, Variable } from "../engine/program.ts";

const T: Attributes = { T: { type: "float64" } };
const INT32 = { type: "int32" } as const;

export const add = (a: Tensor, b: Tensor) => op("AddV2", [a, b], T);
export const sub = (a: Tensor, b: Tensor) => op("Sub", [a, b], T);
export const mul = (a: Tensor, b: Tensor) => op("Mul", [a, b], T);
export const div = (a: Tensor, b: Tensor) => op("RealDiv", [a, b], T);
/** a / b, and 0 where b is 0. */
export const divNoNan = (a: Tensor, b: Tensor) => op("DivNoNan", [a, b], T);

export const toFloat64 = (x: Tensor) =>
  op("Cast", [x], { SrcT: { type: dtypeOf(x) }, DstT: { type: "float64" } });

/** a [M, K] times b [K, N]; `ta` transposes a first. */
export const matMul = (a: Tensor, b: Tensor, ta = false) =>
  op("MatMul", [a, b], { ...T, transpose_a: { bool: ta }, transpose_b: { bool: false } });

/** [M, N] -> [N, M]. */
export const transpose = (x: Tensor) =>
  op("Transpose", [x, tf.tensor1d([1, 0], "int32")], { ...T, Tperm: INT32 });

/** Sum or mean over the first axis: [M, ...] -> [...]. */
export const overRows = (name: "Sum" | "Mean", x: Tensor) =>
  op(name, [x, tf.scalar(0, "int32")], { ...T, Tidx: INT32, keep_dims: { bool: false } });

/** Number of values: int32 []. */
export const length = (x: Tensor) => op("Size", [x], { ...T, out_type: INT32 });

/** Zeros of a size known only in the graph, as an int32 variable holds them. */
export const zeros = (...shape: Tensor[]) =>
  op("Fill", [tf.stack([...shape, tf.scalar(2, "int32")]), tf.scalar(0, "int32")], {
    T: INT32,
    index_type: INT32,
  });

export const diagonal = (x: Tensor) => op("MatrixDiagPart", [x], T);
export const withDiagonal = (x: Tensor, values: Tensor) => op("MatrixSetDiag", [x, values], T);

/** The lower factor of a symmetric positive definite [D, D], whose lower half is read. */
export const cholesky = (x: Tensor) => op("Cholesky", [x], T);

/** Solves a x = b for a [D, D] given by its Cholesky factor, b [D, N]. */
export function solve(factor: Tensor, b: Tensor): Tensor {
  const half = (right: Tensor, adjoint: boolean) =>
    op("MatrixTriangularSolve", [factor, right], {
      ...T,
      lower: { bool: true },
      adjoint: { bool: adjoint },
    });
  return half(half(b, false), true);
}

/** Eigenvalues of a symmetric matrix (its lower half is read), ascending. */
export const eigenvalues = (x: Tensor) =>
  ops("SelfAdjointEigV2", [x], { ...T, compute_v: { bool: false } }, 2)[0]!;

/** Length of an axis: int32 []. */
export function sizeOf(x: Tensor, axis: number): Tensor {
  const sizes = op("Shape", [x], { ...T, out_type: INT32 });
  const types = { Tparams: INT32, Tindices: INT32, Taxis: INT32 };
  return op("GatherV2", [sizes, tf.scalar(axis, "int32"), tf.scalar(0, "int32")], types);
}

/** Of any type. @param sizes int32 [rank]; one may be -1. tfjs would fix the sizes when it records. */
export const reshape = (x: Tensor, sizes: Tensor) =>
  op("Reshape", [x, sizes], { T: { type: dtypeOf(x) }, Tshape: INT32 });

/** int32 [M, N] -> [N]. */
export const countsOverRows = (x: Tensor) =>
  op("Sum", [x, tf.scalar(0, "int32")], { T: INT32, Tidx: INT32, keep_dims: { bool: false } });

/** Sum over the last axis: [M, N] -> [M]. */
export const overColumns = (x: Tensor) =>
  op("Sum", [x, tf.scalar(1, "int32")], { ...T, Tidx: INT32, keep_dims: { bool: false } });

/** Index of each row's largest value, the first of equals: int32 [M]. */
export const argMax = (x: Tensor) =>
  op("ArgMax", [x, tf.scalar(1, "int32")], { ...T, Tidx: INT32, output_type: INT32 });

/** A constant, exact to the last bit. */
export const constant = (value: number) =>
  fromPairs(tf.tensor1d(pairs(Float64Array.of(value)), "int32"));

/** The same bits as int32 pairs, in which a variable stores them. */
export const pairs = (values: Float64Array) =>
  new Int32Array(values.buffer, values.byteOffset, values.length * 2);

/** float64 [...] -> int32 [..., 2], the same bits. */
const toPairs = (x: Tensor) => op("Bitcast", [x], { ...T, type: INT32 });
const fromPairs = (x: Tensor) => op("Bitcast", [x], { T: INT32, type: { type: "float64" } });

/** Values that a session read of such a variable. */
export const fromStored = (stored: Values) =>
  new Float64Array(stored.buffer, stored.byteOffset, stored.byteLength / 8);

export const readFloat64 = (scope: Scope, variable: Variable) => fromPairs(scope.read(variable));

export const assignFloat64 = (scope: Scope, variable: Variable, value: Tensor) =>
  scope.assign(variable, toPairs(value));

export function addFloat64(scope: Scope, variable: Variable, value: Tensor): void {
  assignFloat64(scope, variable, add(readFloat64(scope, variable), value));
}
