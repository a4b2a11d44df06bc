import { describe, expect, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import {
  conv2d,
  dense,
  dropout,
  globalMean,
  maxPool,
  relu,
  scaledGelu,
} from "../../harness/engine/ops/activation.ts";
import { adamStep } from "../../harness/engine/ops/adam.ts";
import { batchNorm, layerNorm, standardise } from "../../harness/engine/ops/batch-norm.ts";
import * as loss from "../../harness/engine/ops/loss.ts";
import { Program, type Session } from "../../harness/engine/program.ts";
import { recordProgram } from "../../harness/engine/recorded-session.ts";
import {
  type Tensor,
  tf,
  tidy,
  valueAndGradients,
  detach,
} from "../../harness/engine/tensorflow.ts";
import { attention, selfAttention } from "../../harness/model/vit.ts";

interface Point {
  shape: number[];
  values: Float32Array;
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Smooth, without pattern, in [-1, 1], the same at every call. */
const wave = (i: number) => Math.sin(12.9898 * i + 78.233 * Math.sin(0.7 * i + 1));

/** A point of unit size; `salt` gives another. */
const point = (shape: number[], salt = 0): Point => ({
  shape,
  values: Float32Array.from({ length: size(shape) }, (_, i) => wave(i + 1000 * salt)),
});

/** Values at least 0.2 from each other and from zero, so that no kink of ReLU or a maximum is near. */
function spread(shape: number[]): Point {
  const count = size(shape);
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => wave(a) - wave(b));
  return { shape, values: Float32Array.from(order, (k) => 0.2 * (k - count / 2) + 0.1) };
}

/**
 * Largest difference between the gradient of sum(weights * operation(inputs)) and its finite difference, over every
 * element of every input, as a share of the largest gradient. Fourth-order differences, so that a step wide enough
 * for float32 has no error of its own.
 */
function gradientError(
  operation: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Point[],
): number {
  const exact = tidy(() => exactGradients(operation, inputs));
  let [worst, largest] = [0, 1e-30];
  for (const [k, { values }] of inputs.entries())
    for (const i of values.keys()) {
      const g = exact[k]![i]!;
      largest = Math.max(largest, Math.abs(g));
      worst = Math.max(worst, Math.abs(g - slope(operation, inputs, k, i)));
    }
  return worst / largest;
}

const tensors = (inputs: readonly Point[]) =>
  inputs.map(({ shape, values }) => tf.tensor(values, shape));

function exactGradients(operation: (...inputs: Tensor[]) => Tensor, inputs: readonly Point[]) {
  const xs = tensors(inputs);
  const { gradients } = valueAndGradients(() => {
    const y = operation(...xs);
    const weights = Float32Array.from({ length: y.size }, (_, j) => wave(j + 0.5));
    return tf.sum(tf.mul(y, tf.tensor(weights, y.shape)));
  }, xs);
  return gradients.map((g, k) => g?.dataSync() ?? new Float32Array(inputs[k]!.values.length));
}

const STEP = 0.03;

function slope(
  operation: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Point[],
  k: number,
  i: number,
): number {
  const at = (offset: number) => {
    const moved = inputs.map(({ shape, values }, j) => ({
      shape,
      values: j === k ? values.with(i, values[i]! + offset) : values,
    }));
    // Summed in float64: the sum would otherwise lose what the difference is made of.
    const y = tidy(() => operation(...tensors(moved)).dataSync<"float32">());
    return y.reduce((sum, value, j) => sum + value * Math.fround(wave(j + 0.5)), 0);
  };
  const near = (at(STEP) - at(-STEP)) / (2 * STEP);
  const far = (at(2 * STEP) - at(-2 * STEP)) / (4 * STEP);
  return (4 * near - far) / 3;
}

const s = [
  [0.5, -1.5, 2, 0.25],
  [-3, 1, 0, 0.125],
];
const r = [2, 3];
const softmax = (row: number[]) => {
  const e = row.map(Math.exp);
  const total = e.reduce((a, b) => a + b);
  return e.map((x) => x / total);
};
const p = s.map(softmax);
const own = (i: number, j: number) => (r[i] === j ? 1 : 0);

/** Rows' losses and gradients as plain numbers. */
function evaluate(
  rows: (logits: Tensor, labels: Tensor) => [Tensor, Tensor],
  logits: number[][],
  labels: number[],
) {
  return tidy(() => {
    const [value, gradient] = rows(tf.tensor2d(logits), tf.tensor1d(labels, "int32"));
    return { value: [...value.dataSync()], gradient: gradient.arraySync() as number[][] };
  });
}

describe("the closed forms of method.md section 3", () => {
  const expected: [
    string,
    typeof loss.log1mRows,
    (i: number) => number,
    (i: number, j: number) => number,
  ][] = [
    [
      "log1m",
      loss.log1mRows,
      (i) => -Math.log(1 - p[i]![r[i]!]!),
      (i, j) => {
        const pr = p[i]![r[i]!]!;
        return own(i, j) ? pr : (-pr * p[i]![j]!) / (1 - pr);
      },
    ],
    [
      "confusion",
      loss.confusionRows,
      (i) => -p[i]!.reduce((sum, pj) => sum + Math.log(pj), 0) / 4,
      (i, j) => p[i]![j]! - 1 / 4,
    ],
    [
      "reversal",
      loss.reversalRows,
      (i) => Math.log(p[i]![r[i]!]!),
      (i, j) => own(i, j) - p[i]![j]!,
    ],
    [
      "cross-entropy",
      loss.crossEntropyRows,
      (i) => -Math.log(p[i]![r[i]!]!),
      (i, j) => p[i]![j]! - own(i, j),
    ],
  ];

  test.each(expected)("%s and its gradient", (_, rows, value, gradient) => {
    const got = evaluate(rows, s, r);
    for (const i of s.keys()) {
      expect(got.value[i]).toBeCloseTo(value(i), 5);
      for (const j of s[i]!.keys()) expect(got.gradient[i]![j]).toBeCloseTo(gradient(i, j), 6);
    }
  });
});

/** Probability of the label after one step down the loss, from p = softmax(logits). */
function afterStep(rows: typeof loss.log1mRows) {
  const logits = [[0.3, -0.2, 0.1]];
  const { gradient } = evaluate(rows, logits, [0]);
  const moved = logits[0]!.map((x, j) => x - 0.5 * gradient[0]![j]!);
  return { before: softmax(logits[0]!)[0]!, after: softmax(moved)[0]! };
}

test("minimizing L_reg lowers the probability of the random label: the sign that suppresses", () => {
  for (const rows of [loss.log1mRows, loss.reversalRows]) {
    const { before, after } = afterStep(rows);
    expect(after).toBeLessThan(before);
  }
  const learning = afterStep(loss.crossEntropyRows);
  expect(learning.after).toBeGreaterThan(learning.before);
});

describe("log1m where 1 - p_r cannot be held in float32", () => {
  test("stays exact for a head that is certain of the label", () => {
    const { value, gradient } = evaluate(loss.log1mRows, [[60, 0, 0, -1]], [0]);
    const others = softmax([0, 0, -1]);
    expect(value[0]).toBeCloseTo(60 - Math.log(2 + Math.exp(-1)), 4);
    expect(gradient[0]![0]).toBe(1);
    for (const j of [0, 1, 2]) expect(gradient[0]![j + 1]).toBeCloseTo(-others[j]!, 6);
  });

  test("is zero, without a gradient, for a head that excludes the label", () => {
    const { value, gradient } = evaluate(loss.log1mRows, [[-200, 0, 0]], [0]);
    expect([...value, ...gradient[0]!].map(Math.abs)).toEqual([0, 0, 0, 0]);
  });

  test("of two labels is the flipped label's cross-entropy", () => {
    const logits = [[0.75, -0.5]];
    const flipped = evaluate(loss.crossEntropyRows, logits, [1]);
    const { value, gradient } = evaluate(loss.log1mRows, logits, [0]);
    expect(value[0]).toBeCloseTo(flipped.value[0]!, 6);
    for (const j of [0, 1]) expect(gradient[0]![j]).toBeCloseTo(flipped.gradient[0]![j]!, 6);
  });
});

test("smoothed targets give the label 1 - e + e/n and every other e/n", () => {
  const targets = tidy(() => loss.smoothTargets(tf.tensor1d([1], "int32"), 4, 0.2).dataSync());
  expect(Array.from(targets, (t) => Math.round(t * 1000) / 1000)).toEqual([0.05, 0.85, 0.05, 0.05]);
});

describe("ties of the largest logit", () => {
  test.each([2, 3, 10, 100, 1000])("go to the lowest of %i labels", (n) => {
    // Each row has its maximum at two or three places; the first is the answer.
    const firsts = Array.from({ length: 64 }, (_, i) => (i * 37) % n);
    const logits = firsts.map((first, i) =>
      Array.from({ length: n }, (_, j) =>
        j >= first && (j - first) % (1 + (i % 5)) === 0 ? 1 : -i,
      ),
    );
    const right = evaluateCorrect(logits, firsts);
    expect(right).toEqual(firsts.map(() => 1));
  });

  test("of equal logits count as the first label only", () => {
    const flat = Array.from({ length: 5 }, () => new Array<number>(100).fill(0.25));
    expect(evaluateCorrect(flat, [0, 1, 2, 50, 99])).toEqual([1, 0, 0, 0, 0]);
  });

  function evaluateCorrect(logits: number[][], labels: number[]) {
    return tidy(() => {
      const inputs = [tf.tensor2d(logits), tf.tensor1d(labels, "int32")] as const;
      const rows = [...loss.correctRows(...inputs).dataSync()].map(Number);
      expect(loss.countCorrect(...inputs).dataSync()[0]).toBe(rows.reduce((a, b) => a + b));
      return rows;
    });
  }
});

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
  ["standardized tokens", (x) => standardise(x, 1e-6), [point([2, 3, 6])]],
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

const [rate, epsilon, decay] = [0.01, 1e-3, 0.1];
const betas = [0.9, 0.999] as const;
const start = [0.5, -1.25, 2, 1e-3];
const gradients = [
  [0.3, -0.2, 1e-4, 5],
  [0.1, 0.4, -2e-4, -3],
  [-0.7, 0.05, 1e-4, 0],
];

/** torch.optim.AdamW of PyTorch 2.15 with the numbers above, after each step. */
const TORCH = [
  [0.489533216, -1.23879969, 1.99709094, -0.00899899937],
  [0.480371833, -1.24121034, 1.99559367, -0.010904517],
  [0.482937306, -1.2434783, 1.99359488, -0.0123734586],
];

function program() {
  const program = new Program();
  const [w, m, v] = ["w", "m", "v"].map((name) => program.variable(name, [4]));
  const inputs = {
    g: { shape: [4], dtype: "float32" },
    step: { shape: [], dtype: "float32" },
  } as const;
  program.define("train", inputs, ({ g, step }, scope) => {
    const scalars = adamStep({ rate: tf.scalar(rate), step: step!, betas, epsilon });
    scope.assign(w!, tf.mul(scope.read(w!), 1 - rate * decay));
    scope.adam(w!, [m!, v!], g!, scalars);
    return { w: scope.read(w!), m: scope.read(m!), v: scope.read(v!) };
  });
  return { program, w: w!, m: m!, v: v! };
}

describe.each([
  ["recorded", recordProgram],
  ["eager", runEagerly],
])("Adam in a %s session", (_, make) => {
  const train = () => {
    const { program: p, w, m, v } = program();
    const session: Session = make(p);
    const zero = new Float32Array(4);
    session.writeAll([
      [w, Float32Array.from(start)],
      [m, zero],
      [v, zero],
    ]);
    const states = gradients.map((g, t) =>
      session.run("train", { g: Float32Array.from(g), step: Float32Array.of(t + 1) }),
    );
    session.close();
    return states as Record<string, Float32Array>[];
  };

  test("after a decay of the weights is PyTorch's AdamW, its epsilon too", () => {
    for (const [t, { w }] of train().entries())
      for (const [i, torch] of TORCH[t]!.entries()) expect(w![i]).toBeCloseTo(torch, 6);
  });

  test("keeps the moments of the paper's algorithm", () => {
    const [m, v] = [new Array<number>(4).fill(0), new Array<number>(4).fill(0)];
    for (const [t, state] of train().entries())
      for (const [i, g] of gradients[t]!.entries()) {
        m[i] = 0.9 * m[i]! + 0.1 * g;
        v[i] = 0.999 * v[i]! + 0.001 * g * g;
        expect(state["m"]![i]).toBeCloseTo(m[i], 6);
        // 1 - 0.999 of float32 is off by 1e-5 of itself, in PyTorch as here.
        expect(state["v"]![i]! / v[i]).toBeCloseTo(1, 4);
      }
  });
});
