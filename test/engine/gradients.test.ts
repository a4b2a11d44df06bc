import { expect, test } from "vitest";
import {
  conv2d,
  dense,
  dropout,
  globalMean,
  maxPool,
  relu,
  scaledGelu,
} from "../../harness/engine/ops/activation.ts";
import { attention, selfAttention } from "../../harness/model/vit.ts";
import { batchNorm, layerNorm, standardise } from "../../harness/engine/ops/batch-norm.ts";
import {
  type Tensor,
  detach,
  tf,
  tidy,
  valueAndGradients,
} from "../../harness/engine/tensorflow.ts";
import * as loss from "../../harness/engine/ops/loss.ts";
import { type Point, gradientError, point, spread } from "./finite-differences.ts";

type Case = [name: string, operation: (...x: [Tensor, Tensor, Tensor]) => Tensor, inputs: Point[]];

const labels = () => tf.tensor1d([2, 0, 4, 2], "int32");
const rows = (make: (logits: Tensor) => [Tensor, Tensor]) => (logits: Tensor) =>
  loss.meanLoss(logits, make);
const logits = [point([4, 5])];
const kept = () => tf.tensor(point([3, 7], 5).values, [3, 7]);

const cases: Case[] = [
  ["dense on rows", dense, [point([3, 4]), point([4, 5], 1), point([5], 2)]],
  ["dense on tokens", dense, [point([2, 3, 4]), point([4, 5], 1), point([5], 2)]],
  ["convolution", (x, w) => conv2d(x, w), [point([2, 5, 5, 2]), point([3, 3, 2, 3], 1)]],
  [
    "convolution of stride 2",
    (x, w) => conv2d(x, w, 2),
    [point([2, 6, 6, 2]), point([3, 3, 2, 3], 1)],
  ],
  [
    "convolution of stride 2 on an odd side",
    (x, w) => conv2d(x, w, 2),
    [point([1, 5, 5, 2]), point([3, 3, 2, 2], 1)],
  ],
  [
    "projection of stride 2",
    (x, w) => conv2d(x, w, 2),
    [point([2, 4, 4, 3]), point([1, 1, 3, 2], 1)],
  ],
  [
    "batch norm",
    (x, gamma, beta) => batchNorm({ x, gamma, beta }, 1e-5).y,
    [point([3, 3, 3, 2]), point([2], 1), point([2], 2)],
  ],
  [
    "layer norm on rows",
    (x, gamma, beta) => layerNorm(x, gamma, beta, 1e-6),
    [point([3, 7]), point([7], 1), point([7], 2)],
  ],
  [
    "layer norm on tokens",
    (x, gamma, beta) => layerNorm(x, gamma, beta, 1e-6),
    [point([2, 3, 6]), point([6], 1), point([6], 2)],
  ],
  ["attention", attention, [1, 2, 3].map((salt) => point([2, 2, 3, 4], salt))],
  ["self-attention of two heads", (qkv) => selfAttention(qkv, 2), [point([2, 3, 12])]],
  ["standardised tokens", (x) => standardise(x, 1e-6), [point([2, 3, 6])]],
  [
    "scaled gelu",
    scaledGelu,
    [{ shape: [41], values: Float32Array.from({ length: 41 }, (_, i) => i / 5 - 4) }],
  ],
  ["relu", relu, [spread([5, 6])]],
  ["maximum pool", maxPool, [spread([1, 4, 4, 2])]],
  ["maximum pool of an odd side", maxPool, [spread([1, 3, 3, 2])]],
  ["mean over space", globalMean, [point([2, 3, 4, 3])]],
  ["mean over tokens", globalMean, [point([2, 5, 3])]],
  ["dropout", (x) => dropout(x, 0.4, tf.abs(kept())), [point([3, 7])]],
  ["cross-entropy", rows((s) => loss.crossEntropyRows(s, labels())), logits],
  [
    "smoothed cross-entropy",
    rows((s) => loss.crossEntropyToRows(s, loss.smoothTargets(labels(), 5, 0.1))),
    logits,
  ],
  ["log1m", rows((s) => loss.log1mRows(s, labels())), logits],
  ["confusion", rows(loss.confusionRows), logits],
  ["reversal", rows((s) => loss.reversalRows(s, labels())), logits],
];

test.each(cases)("the gradient of %s is its slope", (_, operation, inputs) => {
  expect(gradientError(operation, inputs)).toBeLessThan(2e-4);
});

test("a detached tensor passes exactly no gradient, its values unchanged", () => {
  tidy(() => {
    const x = tf.tensor1d([1, 2, 3]);
    const { value, gradients } = valueAndGradients(
      () => tf.sum(tf.add(tf.mul(detach(x), 5), tf.mul(x, 2))),
      [x],
    );
    expect([...value.dataSync()]).toEqual([42]);
    expect([...gradients[0]!.dataSync()]).toEqual([2, 2, 2]);
  });
});
