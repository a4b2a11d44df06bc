/**
 * @file Operations on float64 tensors, which tfjs does not know, and how such values live in a program's variables.
 *
 * A variable holds float64 [...] as the same bits in int32 [..., 2], because the addon does not accept float64.
 */

import { type Attributes, type Tensor, dtypeOf, op, ops, tf } from "../engine/tensorflow.ts";
import type { Scope, Variable } from "../engine/program.ts";

const T: Attributes = { T: { type: "float64" } };
const INT32 = { type: "int32" } as const;

export const add = (a: Tensor, b: Tensor) => op("AddV2", [a, b], T);
export const sub = (a: Tensor, b: Tensor) => op("Sub", [a, b], T);
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

/** Sums of the rows of x [M, D] that share a label: [n, D]. Rows with a negative label are left out. */
export const sumsByLabel = (x: Tensor, labels: Tensor, n: Tensor) =>
  op("UnsortedSegmentSum", [x, labels, n], { ...T, Tindices: INT32, Tnumsegments: INT32 });

export const diagonal = (x: Tensor) => op("MatrixDiagPart", [x], T);
export const withDiagonal = (x: Tensor, values: Tensor) => op("MatrixSetDiag", [x, values], T);

/** Solves a x = b for a symmetric positive definite [D, D] (its lower half is read), b [D, n]. */
export function solve(a: Tensor, b: readonly Tensor[]): Tensor[] {
  const factor = op("Cholesky", [a], T);
  const half = (right: Tensor, adjoint: boolean) =>
    op("MatrixTriangularSolve", [factor, right], {
      ...T,
      lower: { bool: true },
      adjoint: { bool: adjoint },
    });
  return b.map((right) => half(half(right, false), true));
}

/** Eigenvalues of a symmetric matrix (its lower half is read), ascending. */
export const eigenvalues = (x: Tensor) =>
  ops("SelfAdjointEigV2", [x], { ...T, compute_v: { bool: false } }, 2)[0]!;

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

export const readFloat64 = (scope: Scope, variable: Variable) => fromPairs(scope.read(variable));

export const assignFloat64 = (scope: Scope, variable: Variable, value: Tensor) =>
  scope.assign(variable, toPairs(value));

export function addFloat64(scope: Scope, variable: Variable, value: Tensor): void {
  assignFloat64(scope, variable, add(readFloat64(scope, variable), value));
}
