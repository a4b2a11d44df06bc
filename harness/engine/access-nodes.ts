/** @file The nodes by which a session's owner reaches variables and inputs from outside the graph. */

import type { Graph, Output } from "./graph.ts";
import { shapeValue, stringValue, typeValue } from "./node-def.ts";
import type { InputSpec, Variable } from "./program.ts";

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

/** Where a variable is fed from outside and read. */
export interface Access {
  placeholder: string;
  written: string;
  read: string;
}

/** Nodes that write a fed value and read the current one. */
export function accessNodes(graph: Graph, variable: Variable, handle: Output, one: Output): Access {
  const dtype = typeValue(variable.dtype);
  const { placeholder, copy } = fedNode(graph, variable);
  const assign = graph.node("AssignVariableOp", [handle, copy], { dtype });
  const written = graph.node("Identity", [one, `^${assign}`], { T: typeValue("float32") });
  const value = graph.node("ReadVariableOp", [handle], { dtype });
  const read = variable.dtype === "uint8" ? widened(graph, value) : value;
  return { placeholder: `${placeholder}:0`, written: `${written}:0`, read: `${read}:0` };
}

/** The addon cannot read uint8 either. */
const widened = (graph: Graph, value: Output) =>
  graph.node("Cast", [value], { SrcT: typeValue("uint8"), DstT: typeValue("int32") });

/**
 * A fed value, copied: its memory belongs to JavaScript, which may change it after the call and has to release it on
 * its own thread; a variable would keep it (also through a reshape) and release it on one of TensorFlow's.
 */
export function fedNode(
  graph: Graph,
  { shape, dtype }: InputSpec,
): { placeholder: Output; copy: Output } {
  const T = typeValue(dtype);
  const placeholder = graph.node("Placeholder", [], { dtype: T, shape: shapeValue(shape) });
  return { placeholder, copy: graph.node("DeepCopy", [placeholder], { T }) };
}
