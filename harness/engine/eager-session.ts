/** @file Runs a program's bodies operation by operation: the slow, obvious reference for the recorded graph. */

import {
  DTYPE,
  type Tensor,
  type Values,
  adopt,
  allocate,
  binding,
  readTensor,
  requireTypeOf,
  sizeOf,
  tf,
  tidy,
} from "./tensorflow.ts";
import type { Program, Scope, Session, Tensors, Variable } from "./program.ts";
import { withTrueTypes } from "./true-types.ts";

/** @returns a session whose variables are tensors kept by tfjs, all zeros at the start. */
export function runEagerly(program: Program): Session {
  const values = new Map<Variable, Tensor>();
  const set = (variable: Variable, value: Tensor) => {
    requireTypeOf(variable, value);
    values.get(variable)?.dispose();
    values.set(variable, tf.keep(value));
  };
  const scope: Scope = {
    read: (variable) => current(variable).clone(),
    assign: (variable, value) => set(variable, value.clone()),
    add: (variable, value) => set(variable, tf.add(current(variable), value)),
    momentum(variable, velocity, { rate, gradient, momentum }) {
      const speed = tf.add(tf.mul(current(velocity), momentum), gradient);
      set(variable, tf.sub(current(variable), tf.mul(rate, speed)));
      set(velocity, speed);
    },
    adam(variable, moments, gradient, { rate, epsilon, betas }) {
      const [m, v] = [gradient, tf.square(gradient)].map((now, i) => {
        const old = current(moments[i]!);
        return tf.add(old, tf.mul(tf.sub(now, old), 1 - betas[i]!));
      }) as [Tensor, Tensor];
      const change = tf.div(tf.mul(rate, m), tf.add(tf.sqrt(v), epsilon));
      set(variable, tf.sub(current(variable), change));
      set(moments[0], m);
      set(moments[1], v);
    },
  };
  function current(variable: Variable): Tensor {
    const known = values.get(variable);
    if (known) return known;
    const shape = variable.shape.map((size) => Math.max(size, 0));
    set(variable, toTensor(allocate(variable.dtype, sizeOf(shape)), shape, variable.dtype));
    return values.get(variable)!;
  }

  const write: Session["write"] = (variable, array, shape = variable.shape) =>
    set(variable, toTensor(array, [...shape], variable.dtype));

  return {
    run(name, feeds = {}) {
      const { inputs, body } = program.functions.get(name)!;
      const result: Record<string, Values> = {};
      tidy(() => {
        const given: Record<string, Tensor> = {};
        for (const [key, spec] of Object.entries(inputs))
          given[key] = toTensor(feeds[key]!, [...spec.shape], spec.dtype);
        const outputs: Tensors = withTrueTypes(() => body(given, scope));
        for (const [key, tensor] of Object.entries(outputs)) result[key] = readTensor(tensor);
      });
      return result;
    },
    read: (variables) => variables.map((variable) => readTensor(current(variable))),
    write,
    writeAll: (entries) => {
      for (const entry of entries) write(...entry);
    },
    close() {
      for (const tensor of values.values()) tensor.dispose();
      values.clear();
    },
  };
}

function toTensor(values: Values, shape: number[], dtype: Variable["dtype"]): Tensor {
  // A copy, because TensorFlow would otherwise share the caller's memory.
  return adopt(binding.createTensor(shape, DTYPE[dtype], values.slice()), shape, DTYPE[dtype]);
}
