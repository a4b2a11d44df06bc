/** @file A TensorFlow graph under construction, and which of its outputs produces which tensor. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onDisk } from "../files.ts";
import {
  type DataId,
  type NativeAttribute,
  type Tensor,
  type Values,
  backend,
  binding,
  dtypeName,
  readTensor,
} from "./tensorflow.ts";
import * as def from "./node-def.ts";

/** A node's output as TensorFlow writes it: `node`, `node:1`, or `^node`, a control input, to wait for it only. */
export type Output = string;

export class Graph {
  readonly #message = def.newGraph();
  readonly #names = new WeakMap<DataId, Output>();
  #nodes = 0;

  /** Adds a node and returns its name. */
  node(
    op: string,
    inputs: readonly Output[] = [],
    attributes: Readonly<Record<string, def.AttributeValue>> = {},
    name = `n${this.#nodes}`,
  ): Output {
    this.#nodes += 1;
    this.#message.addNode(def.newNode(name, op, inputs, attributes));
    return name;
  }

  get nodes(): number {
    return this.#nodes;
  }

  /** From now on `tensor` stands for `output`. */
  name(tensor: Tensor, output: Output): void {
    this.#names.set(tensor.dataId, output);
  }

  /** The output that produces this tensor; a tensor that no recorded operation produced becomes a constant. */
  output(tensor: Tensor): Output {
    const known = this.#names.get(tensor.dataId);
    if (known) return known;
    const { dtype, shape, values } = backend.tensorMap.get(tensor.dataId);
    const content: Values = values ?? readTensor(tensor);
    const constant = this.node("Const", [], {
      dtype: def.typeValue(dtypeName(dtype)),
      value: def.tensorValue(dtype, shape, content),
    });
    this.name(tensor, constant);
    return constant;
  }

  /** Adds a node for an operation that has just been executed. */
  addOperation(
    op: string,
    attributes: NativeAttribute[],
    inputs: Tensor[],
    outputs: Tensor[],
  ): void {
    const values = attributes.map((a) => [a.name, def.attributeValue(a)] as const);
    const sources = inputs.map((tensor) => this.output(tensor));
    const node = this.node(op, sources, Object.fromEntries(values));
    for (const [i, tensor] of outputs.entries()) this.name(tensor, i ? `${node}:${i}` : node);
    this.onOperation(sources, outputs);
  }

  /** For subclasses; called when every output of an added operation has its name. */
  protected onOperation(_sources: readonly Output[], _outputs: readonly Tensor[]): void {}

  /** Loads the graph into a TensorFlow session of its own. @returns the addon's id of that session. */
  load(): number {
    const folder = onDisk(() => mkdtempSync(join(tmpdir(), "rademark-graph-")));
    const file = join(folder, "saved_model.pb");
    try {
      onDisk(() => writeFileSync(file, def.savedModel(this.#message)), file);
      return binding.loadSavedModel(folder, "train");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
