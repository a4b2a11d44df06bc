import { describe, beforeEach, expect, test, afterEach } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { Graph } from "../../harness/engine/graph.ts";
import { conv2d, product } from "../../harness/engine/ops/activation.ts";
import { batchNorm } from "../../harness/engine/ops/batch-norm.ts";
import * as loss from "../../harness/engine/ops/loss.ts";
import { normal, uniform } from "../../harness/engine/ops/graph-random.ts";
import { type Body, Program } from "../../harness/engine/program.ts";
import { recordProgram, record, standIns } from "../../harness/engine/recorded-session.ts";
import {
  STORED_TYPES,
  type StoredType,
  type Tensor,
  type Values,
  op,
  tf,
  type NativeAttribute,
  backend,
  binding,
  executor,
  tidy,
  valueAndGradients,
} from "../../harness/engine/tensorflow.ts";
import { Network } from "../../harness/model/network.ts";
import { batchProduct } from "../../harness/model/vit.ts";
import { BATCH, IMAGE, IMAGES, SMALL_TRUNKS, startParameters } from "../model/small-trunks.ts";

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

describe("a stand-in", () => {
  const held = () => [tf.memory().numTensors, binding.getNumOfTensors()];
  let before: number[];
  beforeEach(() => void (before = held()));
  afterEach(() => expect(held()).toEqual(before));

  /** Runs `body` and compares each operation's output shapes with those of its stand-ins. */
  function compareAll(body: () => unknown): Map<string, number> {
    const answered = new Map<string, number>();
    const { executeSingleOutput, executeMultipleOutputs } = backend;
    const { execute } = executor;
    const compare = (
      op: string,
      attributes: NativeAttribute[],
      inputs: Tensor[],
      made: Tensor[],
    ) => {
      const guessed = tidy(() => standIns(op, attributes, inputs)?.map(({ shape }) => shape));
      // The last output of a batch norm has a size on a GPU only; nobody reads it.
      const count = op.startsWith("FusedBatchNorm") ? 3 : made.length;
      const shapes = made.slice(0, count).map(({ shape }) => shape);
      if (guessed) {
        expect(guessed.slice(0, count), op).toEqual(shapes);
        answered.set(op, (answered.get(op) ?? 0) + 1);
      }
      return made;
    };
    const watch = (run: typeof execute): typeof execute => {
      return (op, attributes, inputs, count) =>
        compare(op, attributes, inputs, run.call(backend, op, attributes, inputs, count));
    };
    backend.executeSingleOutput = (op, attributes, inputs) =>
      compare(op, attributes, inputs, [
        executeSingleOutput.call(backend, op, attributes, inputs),
      ])[0]!;
    backend.executeMultipleOutputs = watch(executeMultipleOutputs);
    executor.execute = watch(execute);
    try {
      tidy(() => void body());
    } finally {
      Object.assign(backend, { executeSingleOutput, executeMultipleOutputs });
      executor.execute = execute;
    }
    return answered;
  }

  test.each(SMALL_TRUNKS)("each operation of a step of %s has its true shape", (_, build) => {
    const program = new Program();
    const net = new Network(program, "trunk");
    const trunk = build(net, 0.3);
    program.define("step", {}, (_, scope) => {
      const values = new Map(
        net.parameters.map(({ variable }) => [variable, scope.read(variable)]),
      );
      const key = tf.tensor1d([1, 2], "int32");
      const images = tf.tensor(IMAGES, [BATCH, IMAGE.height, IMAGE.width, IMAGE.channels]);
      const labels = tf.tensor1d([0, 1, 2, 3], "int32");
      const { value } = valueAndGradients(() => {
        const taps = trunk.forward(images, {
          training: true,
          layerNormEpsilon: 1e-5,
          read: (variable) => values.get(variable)!,
          noise: (shape) => uniform(shape, key),
          normalise: (x, { gamma, beta }) =>
            batchNorm({ x, gamma: values.get(gamma)!, beta: values.get(beta)! }, 1e-5).y,
        });
        return loss.meanLoss(tf.concat(taps, 1), (s) => loss.log1mRows(s, labels));
      }, [...values.values()]);
      return { value };
    });
    const session = runEagerly(program);
    startParameters(session, net);
    const answered = compareAll(() => session.run("step"));
    expect(answered.size).toBeGreaterThan(10);
    session.close();
  });

  const [no, yes] = [false, true];

  test.each([
    ...[5, 6].flatMap((side) =>
      [1, 3].flatMap((size) => [1, 2].map((stride) => [side, size, stride])),
    ),
  ] as [number, number, number][])(
    "a convolution of side %i by %i with stride %i",
    (side, size, stride) => {
      for (const padding of ["SAME", "VALID"]) {
        const answered = compareAll(() => {
          const [x, w] = [tf.ones([2, side, side + 1, 3]), tf.ones([size, size, 3, 4])];
          return valueAndGradients(() => tf.sum(conv2d(x, w, stride, padding)), [x, w]);
        });
        for (const op of ["Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"])
          expect(answered.get(op)).toBe(1);
      }
    },
  );

  test("products, transposed or not, and arithmetic that stretches", () => {
    const answered = compareAll(() => {
      for (const ta of [no, yes])
        for (const tb of [no, yes]) {
          product(tf.zeros(ta ? [3, 2] : [2, 3]), tf.zeros(tb ? [5, 3] : [3, 5]), ta, tb);
          const [a, b] = [
            tf.zeros(ta ? [7, 3, 2] : [7, 2, 3]),
            tf.zeros(tb ? [7, 5, 3] : [7, 3, 5]),
          ];
          batchProduct(a, b, ta, tb);
        }
      const shapes = [[], [1], [4], [3, 1], [3, 4], [2, 1, 4]];
      for (const a of shapes) for (const b of shapes) tf.add(tf.zeros(a), tf.zeros(b));
      for (const axes of [[0], [1], [0, 2], [-1], [0, 1, 2]])
        for (const keep of [no, yes]) tf.sum(tf.zeros([2, 3, 4]), axes, keep);
      tf.reshape(tf.zeros([2, 3, 4]), [4, -1]);
      normal([2, 5], tf.tensor1d([1, 2], "int32"));
    });
    expect(answered.get("MatMul")).toBe(4);
    expect(answered.get("BatchMatMulV2")).toBe(4);
    expect(answered.get("Add") ?? answered.get("AddV2")).toBe(36);
  });

  test("whole numbers are computed while recording, because shapes are made of them", () => {
    tidy(() => {
      const sum = record(new Graph(), () => tf.add(tf.scalar(2, "int32"), tf.scalar(3, "int32")));
      expect([...sum.dataSync()]).toEqual([5]);
    });
  });
});
