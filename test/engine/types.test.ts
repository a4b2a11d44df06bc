import { expect, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import {
  STORED_TYPES,
  type StoredType,
  type Tensor,
  type Values,
  op,
  tf,
} from "../../harness/engine/tensorflow.ts";
import { type Body, Program } from "../../harness/engine/program.ts";
import { recordProgram } from "../../harness/engine/recorded-session.ts";

const FED: Record<StoredType, Values> = {
  float32: Float32Array.of(3, 0.5, 250, 7, 0, 9),
  int32: Int32Array.of(3, -5, 70_000, 7, 0, 9),
  uint8: Uint8Array.of(3, 5, 250, 7, 0, 255),
};

/** What a body may do to a [2, 3] of any type without knowing it. */
const MOVES: Record<string, (x: Tensor) => Tensor> = {
  "is passed on": (x) => x,
  slice: (x) => tf.slice(x, [0, 1], [2, 2]),
  "strided slice": (x) => tf.stridedSlice(x, [0, 0], [2, 3], [1, 2]),
  reshape: (x) => tf.reshape(x, [3, 2]),
  "expand and squeeze": (x) => tf.squeeze(tf.expandDims(x, 0)),
  transpose: (x) => tf.transpose(x),
  reverse: (x) => tf.reverse(x, 1),
  tile: (x) => tf.tile(x, [2, 1]),
  concat: (x) => tf.concat([x, x], 0),
  stack: (x) => tf.stack([x, x]),
  unstack: (x) => tf.unstack(x)[1]!,
  split: (x) => tf.split(x, [1, 2], 1)[1]!,
  gather: (x) => tf.gather(x, tf.tensor1d([1, 0], "int32")),
  where: (x) => tf.where(tf.tensor2d([[true], [false]]), x, tf.reverse(x, 1)),
  equal: (x) => tf.equal(x, tf.reverse(x, 1)),
  maximum: (x) => tf.maximum(x, tf.reverse(x, 1)),
  "to float": (x) => tf.cast(x, "float32"),
  "to int": (x) => tf.cast(x, "int32"),
  "largest of all": (x) => tf.max(x),
  "place of the largest": (x) => tf.argMax(x, 1),
};

function outputOf(make: typeof recordProgram, dtype: StoredType, body: Body): Values {
  const program = new Program();
  program.define("f", { x: { shape: [2, 3], dtype } }, body);
  const session = make(program);
  try {
    return session.run("f", { x: FED[dtype] })["y"]!;
  } finally {
    session.close();
  }
}

test.each(STORED_TYPES.flatMap((dtype) => Object.keys(MOVES).map((name) => ({ dtype, name }))))(
  "an input of $dtype is recorded, loaded and run as eagerly: $name",
  ({ dtype, name }) => {
    const body: Body = ({ x }) => ({ y: MOVES[name]!(x!) });
    const recorded = outputOf(recordProgram, dtype, body);
    expect(recorded.length).toBeGreaterThan(0);
    expect(recorded).toEqual(outputOf(runEagerly, dtype, body));
  },
);

const wide = (x: Tensor) =>
  op("Cast", [x], { SrcT: { type: "float32" }, DstT: { type: "float64" } });

test.each(["slice", "concat", "transpose", "reverse", "maximum", "largest of all", "to float"])(
  "a float64 made on the way keeps its type through tfjs: %s",
  (name) => {
    const body: Body = ({ x }) => ({ y: MOVES[name]!(wide(x!)) });
    const recorded = outputOf(recordProgram, "float32", body);
    expect(recorded).toBeInstanceOf(name === "to float" ? Float32Array : Float64Array);
    expect(recorded).toEqual(outputOf(runEagerly, "float32", body));
  },
);

test.each<[string, StoredType, Body, RegExp]>([
  [
    "two types in one operation",
    "uint8",
    ({ x }) => ({ y: tf.equal(x!, tf.scalar(3, "int32")) }),
    /Equal was given uint8, int32/,
  ],
  [
    "float64 and float32",
    "float32",
    ({ x }) => ({ y: tf.add(wide(x!), x!) }),
    /Add.* was given float64, float32/,
  ],
  [
    "an operation whose types are not known",
    "uint8",
    ({ x }) => ({ y: tf.topk(tf.reshape(x!, [6]), 2).values }),
    /TopKV2 was given uint8/,
  ],
  [
    "a wrong type of our own",
    "uint8",
    ({ x }) => ({ y: op("Identity", [x!], { T: { type: "int32" } }) }),
    /Identity was given uint8: its T names another/,
  ],
  [
    "an output nobody can read",
    "int32",
    ({ x }) => ({ y: op("Cast", [x!], { SrcT: { type: "int32" }, DstT: { type: "int64" } }) }),
    /int64 cannot be read/,
  ],
])("is refused by name when it is recorded: %s", (_, dtype, body, message) => {
  expect(() => outputOf(recordProgram, dtype, body)).toThrow(message);
});

test("a constant of any type from outside is part of the graph", () => {
  const bytes = op("Cast", [tf.tensor1d([1, 255], "int32")], {
    SrcT: { type: "int32" },
    DstT: { type: "uint8" },
  });
  const body: Body = () => ({ y: tf.concat([bytes, bytes]), z: wide(tf.scalar(0.1)) });
  expect(outputOf(recordProgram, "int32", body)).toEqual(Uint8Array.of(1, 255, 1, 255));
  bytes.dispose();
});

test("variables of every type are written, read and assigned; another type is refused by name", () => {
  for (const make of [recordProgram, runEagerly])
    for (const dtype of STORED_TYPES) {
      const program = new Program();
      const v = program.variable("v", [2, 3], dtype);
      program.define("turn", {}, (_, scope) => {
        scope.assign(v, tf.reverse(scope.read(v), 1));
        return { y: scope.read(v) };
      });
      const session = make(program);
      session.write(v, FED[dtype]);
      const { y } = session.run("turn");
      expect([y]).toEqual(session.read([v]));
      expect(y![0]).toBe(FED[dtype][2]);
      session.close();
    }
  const program = new Program();
  const v = program.variable("v", [2, 3], "uint8");
  program.define("wrong", {}, (_, scope) => {
    scope.assign(v, tf.zeros([2, 3], "int32"));
    return {};
  });
  expect(() => recordProgram(program)).toThrow("variable v is uint8; it was given int32");
});

test.each(["int64", "bool", "float64", "string"])(
  "a variable or an input of %s is refused",
  (type) => {
    const dtype = type as StoredType;
    const program = new Program();
    expect(() => program.variable("v", [1], dtype)).toThrow(`variable v is ${type}: only float32`);
    expect(() => program.define("f", { x: { shape: [1], dtype } }, () => ({}))).toThrow(
      `input x of f is ${type}: only float32`,
    );
  },
);
