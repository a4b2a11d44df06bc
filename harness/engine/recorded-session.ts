/** @file Records a program into one TensorFlow graph and runs it; its variables live in the TensorFlow session. */

import {
  DTYPE,
  type NativeAttribute,
  type StoredType,
  type Tensor,
  type Values,
  adopt,
  allocate,
  backend,
  binding,
  executor,
  readable,
  requireTypeOf,
  sizeOf,
  takeValues,
  tf,
  tidy,
} from "./tensorflow.ts";
import { Graph, type Output } from "./graph.ts";
import { shapeValue, stringValue, typeValue } from "./node-def.ts";
import type {
  InputSpec,
  Program,
  ProgramFunction,
  Scope,
  Session,
  Variable,
  WriteEntry,
} from "./program.ts";
import { trueTypes } from "./true-types.ts";
import type { AdamStep } from "./ops/adam.ts";

interface RecordedFunction {
  spec: ProgramFunction;
  placeholders: string;
  fetches: string;
  outputs: { name: string; restore: (values: Values) => Values }[];
}

/** @returns a session; its variables have no value until `write` or a function assigns one. */
export function recordProgram(program: Program): Session {
  const graph = new Graph();
  const handles = new Map<Variable, Output>();
  for (const variable of program.variables) handles.set(variable, handleNode(graph, variable));
  const one = tidy(() => graph.output(tf.scalar(1)));
  const functions = new Map<string, RecordedFunction>();
  for (const spec of program.functions.values())
    functions.set(
      spec.name,
      recordFunction(graph, spec, (v) => handles.get(v)!, one),
    );
  const access = new Map(
    program.variables.map((v) => [v, accessNodes(graph, v, handles.get(v)!, one)] as const),
  );
  return new RecordedSession(graph.load(), functions, access);
}

class RecordedSession implements Session {
  readonly #functions: Map<string, RecordedFunction>;
  readonly #access: Map<Variable, Access>;
  #id: number | null;

  constructor(id: number, functions: Map<string, RecordedFunction>, access: Map<Variable, Access>) {
    this.#id = id;
    this.#functions = functions;
    this.#access = access;
  }

  run(name: string, feeds: Readonly<Record<string, Values>> = {}): Record<string, Values> {
    const recorded = this.#functions.get(name);
    if (!recorded) throw new Error(`program has no function ${name}`);
    const ids: number[] = [];
    for (const [key, { shape, dtype }] of Object.entries(recorded.spec.inputs)) {
      const values = feeds[key];
      if (values?.length !== sizeOf(shape))
        throw new Error(`${name}: ${key} needs ${sizeOf(shape)} values, got ${values?.length}`);
      ids.push(binding.createTensor(shape, DTYPE[dtype], values));
    }
    const made = this.#call(ids, recorded.placeholders, recorded.fetches);
    const result: Record<string, Values> = {};
    for (const [i, { name: key, restore }] of recorded.outputs.entries())
      result[key] = restore(takeValues(made[i]!));
    binding.deleteTensor(made.at(-1)!); // the output that waits for every write
    return result;
  }

  read(variables: readonly Variable[]): Values[] {
    if (!variables.length) return [];
    const fetches = variables.map((v) => this.#access.get(v)!.read).join(",");
    const read = this.#call([], "", fetches).map(takeValues);
    return read.map((values, i) =>
      variables[i]!.dtype === "uint8" ? Uint8Array.from(values) : values,
    );
  }

  write(variable: Variable, values: Values, shape: readonly number[] = variable.shape): void {
    this.writeAll([[variable, values, shape]]);
  }

  writeAll(entries: readonly WriteEntry[]): void {
    if (!entries.length) return;
    // TensorFlow optimizes each set of fetches at its first use, so many writes are one call.
    const nodes = entries.map(([variable]) => this.#access.get(variable)!);
    const ids = entries.map(([{ dtype, shape }, values, actual = shape]) =>
      binding.createTensor(actual, DTYPE[dtype], values),
    );
    const placeholders = nodes.map(({ placeholder }) => placeholder).join(",");
    const fetches = nodes.map(({ written }) => written).join(",");
    for (const made of this.#call(ids, placeholders, fetches)) binding.deleteTensor(made);
  }

  close(): void {
    if (this.#id !== null) binding.deleteSavedModel(this.#id);
    this.#id = null;
  }

  #call(ids: number[], placeholders: string, fetches: string): number[] {
    if (this.#id === null) throw new Error("this session is closed");
    try {
      return binding.runSavedModel(this.#id, ids, placeholders, fetches).map(({ id }) => id);
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }
}

export function recordFunction(
  graph: Graph,
  spec: ProgramFunction,
  handle: (variable: Variable) => Output,
  one: Output,
): RecordedFunction {
  return tidy(() => {
    const scope = new RecordedScope(graph, handle);
    const inputs: Record<string, Tensor> = {};
    const placeholders = Object.entries(spec.inputs).map(([key, input]) => {
      const { placeholder, copy } = fedNode(graph, input);
      inputs[key] = placeholderTensor(input.dtype, input.shape);
      graph.name(inputs[key], copy);
      return `${placeholder}:0`;
    });
    const outputs = record(graph, () =>
      Object.entries(spec.body(inputs, scope)).map(([name, made]) => ({ name, ...readable(made) })),
    );
    const waits = scope.writes.map((node) => `^${node}`);
    scope.close();
    const done = graph.node("Identity", [one, ...waits], { T: typeValue("float32") });
    const fetches = outputs.map(({ tensor }) => port(graph.output(tensor)));
    return {
      spec,
      placeholders: placeholders.join(","),
      fetches: [...fetches, `${done}:0`].join(","),
      outputs: outputs.map(({ name, restore }) => ({ name, restore })),
    };
  });
}

const port = (output: Output) => (output.includes(":") ? output : `${output}:0`);

/** The variable itself, by name. */
export function handleNode(graph: Graph, { name, shape, dtype }: Variable): Output {
  const attributes = {
    dtype: typeValue(dtype),
    shape: shapeValue(shape),
    shared_name: stringValue(name),
    container: stringValue(""),
  };
  return graph.node("VarHandleOp", [], attributes, `variable/${name}`);
}

/** The outputs through which the session writes and reads a variable. */
interface Access {
  placeholder: string;
  written: string;
  read: string;
}

/** Nodes that write a fed value and read the current one. */
function accessNodes(graph: Graph, variable: Variable, handle: Output, one: Output): Access {
  const dtype = typeValue(variable.dtype);
  const { placeholder, copy } = fedNode(graph, variable);
  const assign = graph.node("AssignVariableOp", [handle, copy], { dtype });
  const written = graph.node("Identity", [one, `^${assign}`], { T: typeValue("float32") });
  const value = graph.node("ReadVariableOp", [handle], { dtype });
  const read = variable.dtype === "uint8" ? widened(graph, value) : value;
  return { placeholder: `${placeholder}:0`, written: `${written}:0`, read: `${read}:0` };
}

/** The addon cannot read uint8, so the value is cast to int32 for it. */
const widened = (graph: Graph, value: Output) =>
  graph.node("Cast", [value], { SrcT: typeValue("uint8"), DstT: typeValue("int32") });

/**
 * A fed value is copied: its memory belongs to JavaScript, which may change it after the call and must release it on
 * its own thread; a variable would keep it (even through a reshape) and release it on one of TensorFlow's.
 */
function fedNode(graph: Graph, { shape, dtype }: InputSpec): { placeholder: Output; copy: Output } {
  const T = typeValue(dtype);
  const placeholder = graph.node("Placeholder", [], { dtype: T, shape: shapeValue(shape) });
  return { placeholder, copy: graph.node("DeepCopy", [placeholder], { T }) };
}

/** A variable while a function is being recorded. */
interface VariableState {
  /** Output of the VarHandleOp. */
  handle: Output;
  /** The current value, if it has been read since the last write. */
  value: Tensor | null;
  /** Reads since the last write, and that write: what the next write must wait for. */
  before: Output[];
  lastWrite: Output | null;
}

/** The scope of a body that is being recorded: reads and writes become nodes in program order. */
class RecordedScope implements Scope {
  /** Every write, in order. */
  readonly writes: Output[] = [];
  readonly #kept: Tensor[] = [];
  readonly #graph: Graph;
  readonly #states = new Map<Variable, VariableState>();
  readonly #handle: (variable: Variable) => Output;

  constructor(graph: Graph, handle: (variable: Variable) => Output) {
    this.#graph = graph;
    this.#handle = handle;
  }

  read(variable: Variable): Tensor {
    const state = this.#stateOf(variable);
    if (state.value) return state.value;
    const wait = state.lastWrite ? [`^${state.lastWrite}`] : [];
    const dtype = typeValue(variable.dtype);
    const node = this.#graph.node("ReadVariableOp", [state.handle, ...wait], { dtype });
    state.before.push(node);
    // Kept, because a body may read inside a tidy scope that ends before its next read.
    state.value = tf.keep(placeholderTensor(variable.dtype, variable.shape));
    this.#kept.push(state.value);
    this.#graph.name(state.value, node);
    return state.value;
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

  /** Frees the placeholder tensors of the values read. */
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
    const states = [variable, ...slots].map((v) => this.#stateOf(v));
    const inputs = [...states.map((s) => s.handle), ...values.map((v) => this.#graph.output(v))];
    const waits = states.flatMap((s) => s.before).map((node) => `^${node}`);
    const node = this.#graph.node(op, [...inputs, ...new Set(waits)], attributes);
    for (const state of states)
      Object.assign(state, { value: null, before: [node], lastWrite: node });
    this.writes.push(node);
  }

  #stateOf(variable: Variable): VariableState {
    let state = this.#states.get(variable);
    if (!state) {
      state = { handle: this.#handle(variable), value: null, before: [], lastWrite: null };
      this.#states.set(variable, state);
    }
    return state;
  }
}

/** Stands for a value not yet known, and reads as zeros; an open axis has size 1. */
function placeholderTensor(dtype: StoredType, shape: readonly number[]): Tensor {
  const sizes = shape.map((size) => (size < 0 ? 1 : size));
  if (dtype === "float32") return valueless(sizes);
  const id = binding.createTensor(sizes, DTYPE[dtype], allocate(dtype, sizeOf(sizes)));
  return adopt(id, sizes, DTYPE[dtype]);
}

/** Runs `body`, adding every operation to `graph`. Not reentrant. */
export function record<T>(graph: Graph, body: () => T): T {
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  const { execute } = executor;
  const wrap = (run: typeof execute, isOurs = false) => {
    return (op: string, given: NativeAttribute[], inputs: Tensor[], count: number) => {
      const attributes = trueTypes(op, given, inputs, isOurs);
      const outputs =
        standIns(op, attributes, inputs) ?? run.call(backend, op, attributes, inputs, count);
      graph.addOperation(op, attributes, inputs, outputs);
      return outputs;
    };
  };
  const single = wrap((op, attributes, inputs) => [
    executeSingleOutput.call(backend, op, attributes, inputs),
  ]);
  backend.executeSingleOutput = (op, attributes, inputs) => single(op, attributes, inputs, 1)[0]!;
  backend.executeMultipleOutputs = wrap(executeMultipleOutputs);
  executor.execute = wrap(execute, true);
  try {
    return body();
  } finally {
    Object.assign(backend, { executeSingleOutput, executeMultipleOutputs });
    executor.execute = execute;
  }
}

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
const valuesOf = (sizes: Tensor) => Array.from(backend.readSync(sizes.dataId));

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
  // y; mean, variance and the two that the gradient reads; the last one is for GPUs only.
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

/** For equal batch shapes only; tfjs also broadcasts them, our code never does. */
function batchProduct([a, b]: readonly Tensor[], attribute: Attribute) {
  const batches = a!.shape.slice(0, -2);
  if (batches.join() !== b!.shape.slice(0, -2).join()) return null;
  const rows = a!.shape.at(attribute("adj_x") ? -1 : -2)!;
  return [[...batches, rows, b!.shape.at(attribute("adj_y") ? -2 : -1)!]];
}

/** Tensors with the shapes of an operation's outputs, in place of running it; null where it has to run. */
export function standIns(
  op: string,
  attributes: readonly NativeAttribute[],
  inputs: readonly Tensor[],
): Tensor[] | null {
  const shapes = Object.hasOwn(SHAPES, op) ? SHAPES[op] : undefined;
  const attribute = (name: string) => attributes.find((a) => a.name === name)?.value;
  // Integers are computed: there are few, and some are the shapes of later tensors.
  if (!shapes || (attribute("dtype") ?? attribute("T")) !== DTYPE.float32) return null;
  return shapes(inputs, attribute)?.map(valueless) ?? null;
}

let zeros = new Float32Array(0);

/** A float32 tensor of zeros that takes no memory of its own until an operation reads it. */
function valueless(shape: number[]): Tensor {
  const size = sizeOf(shape);
  if (zeros.length < size) zeros = new Float32Array(size);
  const dataId = {};
  const values = zeros.subarray(0, size);
  backend.tensorMap.set(dataId, { shape, dtype: DTYPE.float32, id: -1, values, refCount: 1 });
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: "float32" });
}
