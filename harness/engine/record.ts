/**
 * @file Records what a function does: it runs once, eagerly, and every operation becomes a node.
 *
 * tfjs reaches TensorFlow through two methods of its backend, and our own operations through `door`; wrapping
 * the three sees everything, gradients included.
 */

import { DTYPE } from "./dtype.ts";
import { door } from "./op.ts";
import { shapeWithoutRunning } from "./stand-ins.ts";
import { backend, binding, tf, type NativeAttribute, type Tensor } from "./tensorflow.ts";
import type { Graph } from "./graph.ts";

/** What nobody looks at, made without being noted. */
function zeros(shape: readonly number[], execute: typeof door.execute): Tensor {
  const attributes = [
    { name: "T", type: binding.TF_ATTR_TYPE, value: DTYPE.float32 },
    { name: "index_type", type: binding.TF_ATTR_TYPE, value: DTYPE.int32 },
  ];
  return execute("Fill", attributes, [tf.tensor1d([...shape], "int32"), tf.scalar(0)], 1)[0]!;
}

/** Runs `body`, noting every operation in `graph`. Not reentrant. */
export function record<T>(graph: Graph, body: () => T): T {
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  const { execute } = door;
  backend.executeSingleOutput = (op, attributes, inputs) => {
    const output = executeSingleOutput.call(backend, op, attributes, inputs);
    graph.note(op, attributes, inputs, [output]);
    return output;
  };
  const wrap = (run: typeof execute) => {
    return (op: string, attributes: NativeAttribute[], inputs: Tensor[], count: number) => {
      const outputs = run.call(backend, op, attributes, inputs, count);
      graph.note(op, attributes, inputs, outputs);
      return outputs;
    };
  };
  backend.executeMultipleOutputs = wrap(executeMultipleOutputs);
  door.execute = wrap((op, attributes, inputs, count) => {
    const shape = shapeWithoutRunning(op, attributes, inputs);
    return shape ? [zeros(shape, execute)] : execute(op, attributes, inputs, count);
  });
  try {
    return body();
  } finally {
    Object.assign(backend, { executeSingleOutput, executeMultipleOutputs });
    door.execute = execute;
  }
}
