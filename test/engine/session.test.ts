import { afterAll, describe, expect, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { normal, purposeKey, uniform } from "../../harness/engine/ops/graph-random.ts";
import { Program, type Session, type Variable } from "../../harness/engine/program.ts";
import { recordProgram } from "../../harness/engine/recorded-session.ts";
import { tf, binding, op } from "../../harness/engine/tensorflow.ts";

const f = (...values: number[]) => Float32Array.from(values);
const open: Session[] = [];
const start = (make: (program: Program) => Session, program: Program) => {
  const session = make(program);
  open.push(session);
  return session;
};
afterAll(() => open.forEach((session) => session.close()));
/** A variable, and functions that read and write it in every order. */
function orders(): { program: Program; w: Variable; v: Variable } {
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

/** Random numbers, a product with many terms, and float64: what could differ between runs. */
function numbers(): Program {
  const program = new Program();
  const key = { key: { shape: [2], dtype: "int32" } } as const;
  program.define("draw", key, ({ key }) => {
    const a = normal([64, 300], key!);
    const b = uniform([300, 48], purposeKey(key!, 5));
    return {
      a,
      b,
      other: uniform([300, 48], purposeKey(key!, 6)),
      product: op("MatMul", [a, b], {
        T: { type: "float32" },
        transpose_a: { bool: false },
        transpose_b: { bool: false },
      }),
    };
  });
  program.define("third", {}, () => {
    const cast = {
      SrcT: { type: "float32" },
      DstT: { type: "float64" },
      Truncate: { bool: false },
    } as const;
    const [one, three] = [1, 3].map((x) => op("Cast", [tf.tensor2d([[x, -x]])], cast));
    return {
      third: op("RealDiv", [one!, tf.clone(three!)], { T: { type: "float64" } }),
      single: tf.scalar(1),
    };
  });
  return program;
}

describe("numbers", () => {
  const program = numbers();
  const [first, second, eager] = [recordProgram, recordProgram, runEagerly].map((make) =>
    start(make, program),
  );
  const key = Int32Array.of(7, 11);
  const bits = (values: Record<string, { buffer: ArrayBufferLike }>) =>
    Object.values(values).map(({ buffer }) => Buffer.from(buffer).toString("base64"));

  test("are the same to the last bit in every run and in another session", () => {
    const once = bits(first!.run("draw", { key }));
    for (let k = 0; k < 10; k++) expect(bits(first!.run("draw", { key }))).toEqual(once);
    expect(bits(second!.run("draw", { key }))).toEqual(once);
  });

  test("that are random are the same in the graph and eagerly", () => {
    const [graph, plain] = [first!, eager!].map((s) => s.run("draw", { key }));
    for (const name of ["a", "b", "other"]) expect(graph![name]).toEqual(plain![name]);
  });

  test("that are random depend on both words of the key and on the purpose, and on nothing else", () => {
    const draw = (...words: [number, number]) =>
      first!.run("draw", { key: Int32Array.from(words) }) as Record<string, Float32Array>;
    const { a, b, other } = draw(7, 11);
    expect(b).not.toEqual(other);
    expect(draw(8, 11)["a"]).not.toEqual(a);
    expect(draw(7, 12)["a"]).not.toEqual(a);
    expect(draw(7, 11)["a"]).toEqual(a);
    expect(Math.min(...b!)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...b!)).toBeLessThan(1);
    const mean = (x: Float32Array) => x.reduce((sum, y) => sum + y, 0) / x.length;
    expect(mean(b!)).toBeCloseTo(0.5, 1);
    expect(mean(a!)).toBeCloseTo(0, 1);
    expect(mean(a!.map((x) => x * x))).toBeCloseTo(1, 1);
  });

  test("of float64 arrive whole", () => {
    for (const session of [first!, eager!]) {
      const { third, single } = session.run("third");
      expect(third).toEqual(Float64Array.of(1 / 3, 1 / 3));
      expect(single).toEqual(f(1));
    }
  });
});
