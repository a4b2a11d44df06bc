import { expect, test } from "vitest";
import {
  canaryFit,
  daviesBouldin,
  nearDuplicateFit,
  noisyLabelFit,
  sameClassPairs,
} from "../../harness/measure/memorised.ts";

const [m, width] = [30, 4];

/** Whole numbers that look like nothing: x = (7 i^2 + 13 d i mod 11), 3 more where i mod 3 is d. */
const features = Float32Array.from({ length: m * width }, (_, at) => {
  const [i, d] = [Math.floor(at / width), at % width];
  return ((7 * i * i + 13 * d * i) % 11) + (i % 3 === d ? 3 : 0);
});
const classes = (of: (i: number) => number) => Int32Array.from({ length: m }, (_, i) => of(i));

test("the Davies-Bouldin index is that of scikit-learn 1.9.1, for even and uneven classes", () => {
  expect(
    daviesBouldin(
      features,
      classes((i) => i % 3),
    ),
  ).toBeCloseTo(3.0211936265212516, 12);
  const uneven = classes((i) => (i < 3 ? 5 : i < 10 ? 9 : 2));
  expect(daviesBouldin(features, uneven)).toBeCloseTo(4.436282212737354, 12);
});

test("by hand: two classes on a line, each one away from a centre, the centres ten apart", () => {
  const line = Float32Array.of(-1, 1, 9, 11);
  expect(daviesBouldin(line, Int32Array.of(0, 0, 1, 1))).toBeCloseTo((1 + 1) / 10, 15);
  expect(daviesBouldin(line, Int32Array.of(3, 3, 3, 3))).toBeNull();
  expect(daviesBouldin(Float32Array.of(-1, 1, -2, 2), Int32Array.of(0, 0, 1, 1))).toBeNull();
});

test("same-class pairs are disjoint, of one class, at most 500, and the seed's", () => {
  const many = Int32Array.from({ length: 1500 }, (_, i) => (i * i) % 7);
  const pairs = sameClassPairs(many, 1);
  expect(pairs).toHaveLength(500);
  expect(new Set(pairs.flat()).size).toBe(1000);
  for (const [row, other] of pairs) expect(many[row]).toBe(many[other]);
  expect(sameClassPairs(many, 1)).toEqual(pairs);
  expect(sameClassPairs(many, 2)).not.toEqual(pairs);
  const few = sameClassPairs(Int32Array.of(0, 1, 0, 2, 1, 0), 1);
  expect(few.map((pair) => pair.length)).toEqual([2, 2]); // the third of class 0 and the only one of class 2 stay alone
});

test("fits by hand: what noise has changed, and what canaries have taken", () => {
  const own = Int32Array.of(0, 1, 2, 3, 4, 5);
  const trained = Int32Array.of(0, 1, 7, 8, 9, 6);
  const predicted = Int32Array.of(0, 3, 7, 3, 2, 6);
  const fit = { predicted, trained };
  expect(noisyLabelFit(fit, own)).toEqual({ changed: 4, fitted: 2, asTrue: 1 });
  expect(noisyLabelFit(fit, trained)).toEqual({ changed: 0, fitted: 0, asTrue: 0 });
  expect(canaryFit(fit, Int32Array.of(0, 1, 5))).toEqual({ samples: 3, fitted: 2 });
});

test("near-duplicates by hand: those of images trained on, and the others; an image with two twins counts once", () => {
  const test = {
    predicted: Int32Array.of(0, 1, 2, 3, 4),
    classes: Int32Array.of(0, 1, 9, 3, 9),
  };
  const pairs = [
    [0, 70],
    [1, 80],
    [1, 71],
    [1, 83],
    [2, 72],
    [3, 81],
    [4, 82],
    [9, 70], // of a data set with more test images
  ] as const;
  expect(nearDuplicateFit(test, pairs, new Set([70, 71, 72]))).toEqual({
    trained: { images: 3, correct: 2 },
    others: { images: 2, correct: 1 },
  });
});
