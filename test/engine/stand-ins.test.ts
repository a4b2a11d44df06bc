import { afterEach, expect, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { Graph } from "../../harness/engine/graph.ts";
import {
  type NativeAttribute,
  type Tensor,
  backend,
  binding,
  executor,
  tf,
  tidy,
  valueAndGradients,
} from "../../harness/engine/tensorflow.ts";
import { batchProduct } from "../../harness/model/vit.ts";
import { batchNorm } from "../../harness/engine/ops/batch-norm.ts";
import { conv2d, product } from "../../harness/engine/ops/activation.ts";
import * as loss from "../../harness/engine/ops/loss.ts";
import { normal, uniform } from "../../harness/engine/ops/random.ts";
import { Program } from "../../harness/engine/program.ts";
import { record, standIns } from "../../harness/engine/recorded-session.ts";
import { Network } from "../../harness/model/network.ts";
import { BATCH, IMAGE, IMAGES, SMALL_TRUNKS, startParameters } from "../model/small-trunks.ts";

afterEach(() => expect([tf.memory().numTensors, binding.getNumOfTensors()]).toEqual([0, 0]));

/** Runs `body` and compares each operation's output shapes with those of its stand-ins. */
function compareAll(body: () => unknown): Map<string, number> {
  const answered = new Map<string, number>();
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  const { execute } = executor;
  const compare = (op: string, attributes: NativeAttribute[], inputs: Tensor[], made: Tensor[]) => {
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
    const values = new Map(net.parameters.map(({ variable }) => [variable, scope.read(variable)]));
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
        const [a, b] = [tf.zeros(ta ? [7, 3, 2] : [7, 2, 3]), tf.zeros(tb ? [7, 5, 3] : [7, 3, 5])];
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
