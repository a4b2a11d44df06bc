import { expect, test } from "vitest";
import { frobeniusNorm, spectralNorm } from "../../harness/measure/matrix-norms.ts";
import { uniformNumber } from "../../record/random.ts";

function matrix(rows: number, columns: number, of: (i: number, j: number) => number) {
  const at = (_: unknown, k: number) => of(Math.floor(k / columns), k % columns);
  return { values: Float32Array.from({ length: rows * columns }, at), rows, columns };
}

/** Whole numbers that look like nothing. */
const scrambled = (rows: number, columns: number) =>
  matrix(rows, columns, (i, j) => ((7 * i * i + 13 * i * j + 5 * j * j) % 11) - 5);

/** By NumPy 2.4.6: numpy.linalg.svd and numpy.linalg.norm. */
test.each([
  [30, 4, 20.375971166315697, 32.18695387886216],
  [4, 30, 19.890641656803652, 31.906112267087632],
  [60, 50, 80.5852288343023, 160.90059042775448],
])("the norms of a %i x %i matrix are NumPy's", (rows, columns, spectral, frobenius) => {
  const made = scrambled(rows, columns);
  expect(spectralNorm(made) / spectral).toBeCloseTo(1, 12);
  expect(frobeniusNorm(made.values) / frobenius).toBeCloseTo(1, 14);
});

test("closed forms: a diagonal has its largest entry, a product of vectors their lengths, a rotation 1, nothing 0", () => {
  expect(spectralNorm(matrix(3, 3, (i, j) => (i === j ? [3, -7, 2][i]! : 0)))).toBeCloseTo(7, 12);
  const [u, v] = [
    [1, 2, 2],
    [6, 8],
  ];
  expect(spectralNorm(matrix(3, 2, (i, j) => u[i]! * v[j]!))).toBeCloseTo(30, 12);
  const turn = (i: number, j: number) => (i === j ? 0.6 : i < j ? 0.8 : -0.8);
  expect(spectralNorm(matrix(2, 2, turn))).toBeCloseTo(1, 7); // 0.6 and 0.8 in float32
  expect(spectralNorm(matrix(40, 40, (i, j) => (i === j ? 5 : 0)))).toBeCloseTo(5, 12);
  expect(spectralNorm(matrix(4, 3, () => 0))).toBe(0);
  expect(spectralNorm(matrix(1, 1, () => -2))).toBe(2);
});

test("two largest singular values close together are told apart: 1 beside .999999, in any basis", () => {
  // Householder reflections on either side leave singular values as they are.
  const size = 30;
  const unit = (key: number) => {
    const x = Array.from({ length: size }, (_, i) => uniformNumber(key, i) - 0.5);
    const length = Math.hypot(...x);
    return x.map((each) => each / length);
  };
  const [a, b] = [unit(1), unit(2)];
  const value = (i: number) => (i === 0 ? 1 : i === 1 ? 0.999999 : 0.9 / i);
  const reflect = (x: number[], i: number, j: number) => (i === j ? 1 : 0) - 2 * x[i]! * x[j]!;
  const made = matrix(size, size, (i, j) => {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += reflect(a, i, k) * value(k) * reflect(b, k, j);
    return sum;
  });
  expect(Math.abs(spectralNorm(made) - 1)).toBeLessThan(2e-7); // float32 entries
});
