import { describe, expect, test } from "vitest";
import * as loss from "../../harness/engine/ops/loss.ts";
import { tf, tidy, type Tensor } from "../../harness/engine/tensorflow.ts";

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

test("minimising L_reg lowers the probability of the random label: the sign that suppresses", () => {
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
