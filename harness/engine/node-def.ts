/** @file TensorFlow's graph messages (graph.proto, attr_value.proto), through the classes tfjs-node ships. */

import { createRequire } from "node:module";
import { DTYPE, type DType, type NativeAttribute, type Values, binding } from "./tensorflow.ts";

interface Message {
  serializeBinary(): Uint8Array;
}
interface Shape extends Message {
  addDim(dim: unknown): void;
}
/** An attribute's value in a node. */
export interface AttributeValue extends Message {
  setType(v: number): void;
  setF(v: number): void;
  setB(v: boolean): void;
  setS(v: Uint8Array): void;
  setI(v: number): void;
  setShape(v: Shape): void;
  setList(v: unknown): void;
  setTensor(v: unknown): void;
}
interface NodeMessage extends Message {
  setName(v: string): void;
  setOp(v: string): void;
  setInputList(v: readonly string[]): void;
  getAttrMap(): { set(name: string, value: AttributeValue): void };
}
export interface GraphMessage extends Message {
  addNode(node: NodeMessage): void;
  setVersions(v: unknown): void;
  getNodeList(): unknown[];
}
type Setters<K extends string> = Message & Record<K, (value: unknown) => void>;

const proto = createRequire(import.meta.url)("@tensorflow/tfjs-node-gpu/dist/proto/api_pb") as {
  GraphDef: new () => GraphMessage;
  NodeDef: new () => NodeMessage;
  AttrValue: (new () => AttributeValue) & { ListValue: new () => Setters<"setIList"> };
  Tensor: new () => Setters<"setDtype" | "setTensorShape" | "setTensorContent">;
  TensorShape: (new () => Shape) & { Dim: new () => Setters<"setSize"> };
  VersionDef: new () => Setters<"setProducer">;
  MetaGraphDef: (new () => Setters<"setMetaInfoDef" | "setGraphDef">) & {
    MetaInfoDef: new () => Setters<"setTagsList">;
  };
  SavedModel: new () => Setters<"setSavedModelSchemaVersion" | "addMetaGraphs">;
};

/** The graph version that TensorFlow 2.21 writes; an older one would switch compatibility paths on. */
const PRODUCER = 1395;

export function newGraph(): GraphMessage {
  const graph = new proto.GraphDef();
  const version = new proto.VersionDef();
  version.setProducer(PRODUCER);
  graph.setVersions(version);
  return graph;
}

export function newNode(
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>>,
): NodeMessage {
  const node = new proto.NodeDef();
  node.setName(name);
  node.setOp(op);
  node.setInputList(inputs);
  for (const [key, value] of Object.entries(attributes)) node.getAttrMap().set(key, value);
  return node;
}

function make(set: (value: AttributeValue) => void): AttributeValue {
  const value = new proto.AttrValue();
  set(value);
  return value;
}

export const typeValue = (dtype: DType) => make((a) => a.setType(DTYPE[dtype]));
export const stringValue = (text: string) => make((a) => a.setS(Buffer.from(text)));
export const shapeValue = (shape: readonly number[]) => make((a) => a.setShape(shapeOf(shape)));

/** A constant's content; `values` are copied. */
export function tensorValue(dtype: number, shape: readonly number[], values: Values) {
  const tensor = new proto.Tensor();
  tensor.setDtype(dtype);
  tensor.setTensorShape(shapeOf(shape));
  tensor.setTensorContent(
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice(),
  );
  return make((a) => a.setTensor(tensor));
}

/** An attribute of an executed operation as a node's attribute. */
export function attributeValue({ type, value }: NativeAttribute): AttributeValue {
  return make((a) => {
    if (type === binding.TF_ATTR_TYPE) a.setType(value as number);
    else if (type === binding.TF_ATTR_FLOAT) a.setF(value as number);
    else if (type === binding.TF_ATTR_BOOL) a.setB(value as boolean);
    else if (type === binding.TF_ATTR_STRING) a.setS(Buffer.from(value as string));
    else if (type === binding.TF_ATTR_SHAPE) a.setShape(shapeOf(value as number[]));
    else if (type !== binding.TF_ATTR_INT) throw new Error(`attribute type ${type}`);
    else if (Array.isArray(value)) a.setList(intList(value as number[]));
    else a.setI(value as number);
  });
}

function intList(values: readonly number[]) {
  const list = new proto.AttrValue.ListValue();
  list.setIList(values);
  return list;
}

function shapeOf(shape: readonly number[]): Shape {
  const message = new proto.TensorShape();
  for (const size of shape) {
    const dim = new proto.TensorShape.Dim();
    dim.setSize(size);
    message.addDim(dim);
  }
  return message;
}

/** The bytes of `saved_model.pb` holding one graph under the tag `train`. */
export function savedModel(graph: GraphMessage): Uint8Array {
  const about = new proto.MetaGraphDef.MetaInfoDef();
  about.setTagsList(["train"]);
  const meta = new proto.MetaGraphDef();
  meta.setMetaInfoDef(about);
  meta.setGraphDef(graph);
  const model = new proto.SavedModel();
  model.setSavedModelSchemaVersion(1);
  model.addMetaGraphs(meta);
  return model.serializeBinary();
}
