import { describe, expect, test } from "vitest";
import { recordProgram } from "../../harness/engine/recorded-session.ts";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { binding, tf } from "../../harness/engine/tensorflow.ts";
import { f, orders, start } from "./sessions.ts";

describe.each([
  ["recorded", recordProgram],
  ["eager", runEagerly],
])("a %s session", (_, make) => {
  const { program, w, v } = orders();
  const session = start(make, program);
  const write = (a: Float32Array, b: Float32Array) =>
    session.writeAll([
      [w, a],
      [v, b],
    ]);

  test("reads every write before it and none after it, a hundred times", () => {
    for (let k = 0; k < 100; k++) {
      write(f(1, 2, 3), f(0, 0, 0));
      expect(session.run("around", { x: f(10, 20, 30) })).toEqual({
        before: f(1, 2, 3),
        between: f(11, 22, 33),
        after: f(110, 220, 330),
      });
      expect(session.read([w])).toEqual([f(110, 220, 330)]);
    }
  });

  test("swaps two variables through their old values", () => {
    write(f(1, 2, 3), f(4, 5, 6));
    for (let k = 0; k < 51; k++) session.run("swap");
    expect(session.read([w, v])).toEqual([f(4, 5, 6), f(1, 2, 3)]);
  });

  test("applies momentum as v = m v + g, w -= rate v", () => {
    write(f(1, 2, 3), f(8, 0, -8));
    const steps = Int32Array.of(1);
    expect(session.run("momentum", { x: f(1, 1, 1), steps })).toEqual({
      v: f(3, 1, -1),
      w: f(-0.5, 1.5, 3.5),
    });
  });

  test("unrolls two steps into what one step does twice", () => {
    write(f(1, 2, 3), f(0.5, 0, -1));
    session.run("one step", { x: f(0.5, 0.25, 2) });
    session.run("one step", { x: f(0.5, 0.25, 2) });
    const twice = session.read([w, v]);
    write(f(1, 2, 3), f(0.5, 0, -1));
    session.run("two steps", { x: f(0.5, 0.25, 2) });
    expect(session.read([w, v])).toEqual(twice);
  });

  test.each(["take", "take reshaped"])(
    "keeps a value of its own when fed memory changes (%s)",
    (name) => {
      const fed = f(1, 2, 3);
      session.run(name, { x: fed });
      fed.fill(99);
      expect(session.read([w])).toEqual([f(1, 2, 3)]);
      const written = f(4, 5, 6);
      session.write(w, written);
      written.fill(99);
      expect(session.read([w])).toEqual([f(4, 5, 6)]);
    },
  );

  test("hands out values that later runs do not change", () => {
    session.write(w, f(1, 2, 3));
    const [read] = session.read([w]);
    const { w: output } = session.run("grow", { x: f(1, 1, 1) });
    session.run("grow", { x: f(1, 1, 1) });
    expect([read, output]).toEqual([f(1, 2, 3), f(2, 3, 4)]);
  });

  test("leaves no tensor behind over runs, reads and writes", () => {
    const once = () => {
      write(f(1, 2, 3), f(0, 0, 0));
      session.write(w, f(1, 2, 3));
      session.run("around", { x: f(1, 1, 1) });
      session.run("two steps", { x: f(1, 1, 1) });
      session.read([w, v]);
    };
    once();
    const count = () => [tf.memory().numTensors, binding.getNumOfTensors()];
    const before = count();
    for (let k = 0; k < 25; k++) once();
    expect(count()).toEqual(before);
  });
});
test("closing frees the session's model and tensors, and a second time does nothing", () => {
  const count = () => [
    binding.getNumOfSavedModels(),
    tf.memory().numTensors,
    binding.getNumOfTensors(),
  ];
  const before = count();
  for (const make of [recordProgram, runEagerly]) {
    const { program, w } = orders();
    const session = make(program);
    session.write(w, f(1, 2, 3));
    session.run("grow", { x: f(1, 1, 1) });
    session.close();
    session.close();
  }
  expect(count()).toEqual(before);
});

test("a closed session and a wrong feed are errors, not numbers", () => {
  const { program, w } = orders();
  const session = recordProgram(program);
  expect(() => session.run("grow", { x: f(1, 2) })).toThrow(/x needs 3 values, got 2/);
  expect(() => session.run("shrink")).toThrow(/no function shrink/);
  session.close();
  expect(() => session.read([w])).toThrow(/closed/);
});
