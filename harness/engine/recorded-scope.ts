/** @file The scope of a body that is being recorded: reads and writes become nodes in program order. */

import { typeValue } from "./node-def.ts";
import { allocate, DTYPE, sizeOf, type StoredType } from "./dtype.ts";
import { adopt, requireTypeOf } from "./op.ts";
import type { Graph, Output } from "./graph.ts";
import type { AdamStep } from "./ops/adam.ts";
import type { Scope, Variable } from "./program.ts";
import { valueless } from "./stand-ins.ts";
import { binding, tf, type Tensor } from "./tensorflow.ts";

interface Place {
  /** Output of the VarHandleOp. */
  handle: Output;
  /** The value as of now, once it was read. */
  value: Tensor | null;
  /** Reads since the last write, and that write: what the next write must wait for. */
  before: Output[];
  lastWrite: Output | null;
}

export class RecordedScope implements Scope {
  /** Every write, in order. */
  readonly writes: Output[] = [];
  readonly #kept: Tensor[] = [];
  readonly #graph: Graph;
  readonly #places = new Map<Variable, Place>();
  readonly #handle: (variable: Variable) => Output;

  constructor(graph: Graph, handle: (variable: Variable) => Output) {
    this.#graph = graph;
    this.#handle = handle;
  }

  read(variable: Variable): Tensor {
    const place = this.#place(variable);
    if (place.value) return place.value;
    const wait = place.lastWrite ? [`^${place.lastWrite}`] : [];
    const dtype = typeValue(variable.dtype);
    const node = this.#graph.node("ReadVariableOp", [place.handle, ...wait], { dtype });
    place.before.push(node);
    // Kept, because a body may read inside a scope of tfjs that ends before its next read.
    place.value = tf.keep(placeholderTensor(variable.dtype, variable.shape));
    this.#kept.push(place.value);
    this.#graph.name(place.value, node);
    return place.value;
  }

  assign(variable: Variable, value: Tensor): void {
    const dtype = typeValue(variable.dtype);
    this.#write(variable, "AssignVariableOp", [], [value], { dtype });
  }

  add(variable: Variable, value: Tensor): void {
    const dtype = typeValue(variable.dtype);
    this.#write(variable, "AssignAddVariableOp", [], [value], { dtype });
  }

  momentum(
    variable: Variable,
    velocity: Variable,
    { rate, gradient, momentum }: { rate: Tensor; gradient: Tensor; momentum: number },
  ): void {
    const T = typeValue(variable.dtype);
    const inputs = [rate, gradient, tf.scalar(momentum)];
    this.#write(variable, "ResourceApplyMomentum", [velocity], inputs, { T });
  }

  adam(
    variable: Variable,
    moments: readonly [Variable, Variable],
    gradient: Tensor,
    { rate, epsilon, betas }: AdamStep,
  ): void {
    const T = typeValue(variable.dtype);
    const [zero, first, second] = [0, ...betas].map((value) => tf.scalar(value));
    const inputs = [zero!, zero!, rate, first!, second!, epsilon, gradient];
    this.#write(variable, "ResourceApplyAdam", moments, inputs, { T });
  }

  /** Frees the stand-ins for what was read. */
  close(): void {
    for (const tensor of this.#kept.splice(0)) tensor.dispose();
  }

  #write(
    variable: Variable,
    op: string,
    slots: readonly Variable[],
    values: readonly Tensor[],
    attributes: Parameters<Graph["node"]>[2],
  ): void {
    for (const value of values) requireTypeOf(variable, value);
    const places = [variable, ...slots].map((v) => this.#place(v));
    const inputs = [...places.map((p) => p.handle), ...values.map((v) => this.#graph.output(v))];
    const waits = places.flatMap((p) => p.before).map((node) => `^${node}`);
    const node = this.#graph.node(op, [...inputs, ...new Set(waits)], attributes);
    for (const place of places)
      Object.assign(place, { value: null, before: [node], lastWrite: node });
    this.writes.push(node);
  }

  #place(variable: Variable): Place {
    let place = this.#places.get(variable);
    if (!place) {
      place = { handle: this.#handle(variable), value: null, before: [], lastWrite: null };
      this.#places.set(variable, place);
    }
    return place;
  }
}

/** A tensor, of zeros where anybody looks, that stands for a value not yet known; an open axis has size 1. */
export function placeholderTensor(dtype: StoredType, shape: readonly number[]): Tensor {
  const sizes = shape.map((size) => (size < 0 ? 1 : size));
  if (dtype === "float32") return valueless(sizes);
  const id = binding.createTensor(sizes, DTYPE[dtype], allocate(dtype, sizeOf(sizes)));
  return adopt(id, sizes, DTYPE[dtype]);
}
