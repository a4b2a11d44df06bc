/** @file Records a program into one TensorFlow graph and runs it; parameters and everything else live in the session. */

import { accessNodes, fedNode, handleNode, type Access } from "./access-nodes.ts";
import { DTYPE, sizeOf } from "./dtype.ts";
import { Graph, type Output } from "./graph.ts";
import { readable, takeValues } from "./native-values.ts";
import { typeValue } from "./node-def.ts";
import type { Program, ProgramFunction, Session, Variable, WriteEntry } from "./program.ts";
import { placeholderTensor, RecordedScope } from "./recorded-scope.ts";
import { record } from "./record.ts";
import { binding, tf, tidy, type Tensor, type Values } from "./tensorflow.ts";

interface Entry {
  spec: ProgramFunction;
  placeholders: string;
  fetches: string;
  outputs: { name: string; back: (values: Values) => Values }[];
}

/** @returns a session; its variables have no value until `write` or a function assigns one. */
export function recordProgram(program: Program): Session {
  const graph = new Graph();
  const handles = new Map<Variable, Output>();
  for (const variable of program.variables) handles.set(variable, handleNode(graph, variable));
  const one = tidy(() => graph.output(tf.scalar(1)));
  const entries = new Map<string, Entry>();
  for (const spec of program.functions.values())
    entries.set(
      spec.name,
      recordFunction(graph, spec, (v) => handles.get(v)!, one),
    );
  const access = new Map(
    program.variables.map((v) => [v, accessNodes(graph, v, handles.get(v)!, one)] as const),
  );
  return new RecordedSession(graph.load(), entries, access);
}

class RecordedSession implements Session {
  readonly #entries: Map<string, Entry>;
  readonly #access: Map<Variable, Access>;
  #id: number | null;

  constructor(id: number, entries: Map<string, Entry>, access: Map<Variable, Access>) {
    this.#id = id;
    this.#entries = entries;
    this.#access = access;
  }

  run(name: string, feeds: Readonly<Record<string, Values>> = {}): Record<string, Values> {
    const entry = this.#entries.get(name);
    if (!entry) throw new Error(`program has no function ${name}`);
    const ids: number[] = [];
    for (const [key, { shape, dtype }] of Object.entries(entry.spec.inputs)) {
      const values = feeds[key];
      if (values?.length !== sizeOf(shape))
        throw new Error(`${name}: ${key} wants ${sizeOf(shape)} values, got ${values?.length}`);
      ids.push(binding.createTensor(shape, DTYPE[dtype], values));
    }
    const made = this.#call(ids, entry.placeholders, entry.fetches);
    const result: Record<string, Values> = {};
    for (const [i, { name: key, back }] of entry.outputs.entries())
      result[key] = back(takeValues(made[i]!));
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
    // Every set of fetches is optimised on its own at its first use, so many writes are one call.
    const places = entries.map(([variable]) => this.#access.get(variable)!);
    const ids = entries.map(([{ dtype, shape }, values, actual = shape]) =>
      binding.createTensor(actual, DTYPE[dtype], values),
    );
    const placeholders = places.map((place) => place.placeholder).join(",");
    const fetches = places.map((place) => place.written).join(",");
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
): Entry {
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
      outputs: outputs.map(({ name, back }) => ({ name, back })),
    };
  });
}

const port = (output: Output) => (output.includes(":") ? output : `${output}:0`);
