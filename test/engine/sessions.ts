/** @file Sessions that are closed after a file's tests, and a program for them. */

import { afterAll } from "vitest";
import { Program, type Session, type Variable } from "../../harness/engine/program.ts";
import { tf } from "../../harness/engine/tensorflow.ts";

export const f = (...values: number[]) => Float32Array.from(values);
const open: Session[] = [];
export const start = (make: (program: Program) => Session, program: Program) => {
  const session = make(program);
  open.push(session);
  return session;
};
afterAll(() => open.forEach((session) => session.close()));
/** A variable, and functions that read and write it in every order. */
export function orders(): { program: Program; w: Variable; v: Variable } {
  const program = new Program();
  const [w, v] = [program.variable("w", [3]), program.variable("v", [3])];
  const inputs = { x: { shape: [3], dtype: "float32" } } as const;
  program.define("around", inputs, ({ x }, scope) => {
    const before = scope.read(w);
    scope.add(w, x!);
    const between = scope.read(w);
    scope.assign(w, tf.mul(between, 10));
    return { before, between, after: scope.read(w) };
  });
  program.define(
    "momentum",
    { ...inputs, steps: { shape: [], dtype: "int32" } },
    ({ x }, scope) => {
      scope.momentum(w, v, { rate: tf.scalar(0.5), gradient: x!, momentum: 0.25 });
      return { w: scope.read(w), v: scope.read(v) };
    },
  );
  program.define("two steps", inputs, ({ x }, scope) => {
    for (const _ of [0, 1])
      scope.momentum(w, v, {
        rate: tf.scalar(0.5),
        gradient: tf.mul(scope.read(w), x!),
        momentum: 0.25,
      });
    return {};
  });
  program.define("one step", inputs, ({ x }, scope) => {
    scope.momentum(w, v, {
      rate: tf.scalar(0.5),
      gradient: tf.mul(scope.read(w), x!),
      momentum: 0.25,
    });
    return {};
  });
  program.define("swap", {}, (_, scope) => {
    const [a, b] = [scope.read(w), scope.read(v)];
    scope.assign(w, b);
    scope.assign(v, a);
    return {};
  });
  program.define("take", inputs, ({ x }, scope) => {
    scope.assign(w, x!);
    return {};
  });
  program.define("take reshaped", inputs, ({ x }, scope) => {
    scope.assign(w, tf.reshape(tf.reshape(x!, [1, 3]), [3]));
    return {};
  });
  program.define("grow", inputs, ({ x }, scope) => {
    scope.add(w, x!);
    return { w: scope.read(w) };
  });
  return { program, w, v };
}
