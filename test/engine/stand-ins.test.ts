import { afterEach, expect, test } from "vitest";
import { Graph } from "../../harness/engine/graph.ts";
import { attention } from "../../harness/engine/ops/attention.ts";
import { conv2d } from "../../harness/engine/ops/convolution.ts";
import { product } from "../../harness/engine/ops/dense.ts";
import { valueAndGradients } from "../../harness/engine/ops/gradient.ts";
import { record } from "../../harness/engine/record.ts";
import { tf, tidy, type Tensor } from "../../harness/engine/tensorflow.ts";

/** Shapes of a value and of its gradients. */
function shapes(inputs: number[][], body: (...x: Tensor[]) => Tensor): number[][] {
  const xs = inputs.map((shape) => tf.ones(shape));
  let value: Tensor | null = null;
  const { gradients } = valueAndGradients(() => tf.sum((value = body(...xs))), xs);
  return [value!, ...gradients].map((tensor) => tensor!.shape);
}

afterEach(() => expect(tf.memory().numTensors).toBe(0));

const convolution = (side: number, size: number, stride: number, padding: string) => ({
  name: `a convolution of ${side} x ${side} by ${size} x ${size}, stride ${stride}, ${padding}`,
  inputs: [
    [2, side, side + 1, 3],
    [size, size, 3, 4],
  ],
  body: (x: Tensor, w: Tensor) => conv2d(x, w, stride, padding),
});

const cases: {
  name: string;
  inputs: number[][];
  body: (...x: [Tensor, Tensor, Tensor]) => Tensor;
}[] = [
  ...[5, 6].flatMap((side) =>
    [1, 3].flatMap((size) =>
      [1, 2].flatMap((stride) =>
        ["SAME", "VALID"].map((padding) => convolution(side, size, stride, padding)),
      ),
    ),
  ),
  ...[false, true].flatMap((ta) =>
    [false, true].map((tb) => ({
      name: `a product, transposed ${ta} and ${tb}`,
      inputs: [
        [2, 3],
        [4, 5],
      ],
      // Without a gradient of its own: only its shape is looked at.
      body: (a: Tensor, b: Tensor) => {
        const left = tf.zeros(ta ? [3, 2] : [2, 3]);
        const right = tf.zeros(tb ? [5, 3] : [3, 5]);
        const shape = product(left, right, ta, tb).shape;
        return tf.add(tf.add(tf.zeros(shape), tf.sum(a)), tf.sum(b));
      },
    })),
  ),
  {
    name: "attention",
    inputs: [
      [2, 3, 4, 5],
      [2, 3, 6, 5],
      [2, 3, 6, 7],
    ],
    body: attention,
  },
];

test.each(cases)("recording $name gives the shapes that running it gives", ({ inputs, body }) => {
  const run = tidy(() => shapes(inputs, body as never));
  const recorded = tidy(() => record(new Graph(), () => shapes(inputs, body as never)));
  expect(recorded).toEqual(run);
});
