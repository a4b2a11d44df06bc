/**
 * @file Records what a function does: it runs once, eagerly, and every operation becomes a node.
 *
 * tfjs reaches TensorFlow through two methods of its backend, and our own operations through `door`; wrapping
 * the three sees everything, gradients included.
 */

import { door } from "./op.ts";
import { standIns } from "./stand-ins.ts";
import { trueTypes } from "./true-types.ts";
import { backend, type NativeAttribute, type Tensor } from "./tensorflow.ts";
import type { Graph } from "./graph.ts";

/** Runs `body`, noting every operation in `graph`. Not reentrant. */
export function record<T>(graph: Graph, body: () => T): T {
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  const { execute } = door;
  const wrap = (run: typeof execute, isOurs = false) => {
    return (op: string, said: NativeAttribute[], inputs: Tensor[], count: number) => {
      const attributes = trueTypes(op, said, inputs, isOurs);
      const outputs =
        standIns(op, attributes, inputs) ?? run.call(backend, op, attributes, inputs, count);
      graph.note(op, attributes, inputs, outputs);
      return outputs;
    };
  };
  const single = wrap((op, attributes, inputs) => [
    executeSingleOutput.call(backend, op, attributes, inputs),
  ]);
  backend.executeSingleOutput = (op, attributes, inputs) => single(op, attributes, inputs, 1)[0]!;
  backend.executeMultipleOutputs = wrap(executeMultipleOutputs);
  door.execute = wrap(execute, true);
  try {
    return body();
  } finally {
    Object.assign(backend, { executeSingleOutput, executeMultipleOutputs });
    door.execute = execute;
  }
}
