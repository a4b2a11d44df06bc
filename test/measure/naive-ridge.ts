/** @file The same mathematics as slowly and obviously as possible: plain loops, Gaussian elimination, Jacobi rotations. */

type Matrix = number[][];

export interface NaiveFit {
  predicted: number[];
  /** Ascending. */
  eigenvalues: number[];
  /** For rows that were not fitted to. */
  predict(rows: Matrix): number[];
}

/** Method section 4, from rows of features and their labels. */
export function naiveRidge(
  rows: Matrix,
  labels: ArrayLike<number>,
  n: number,
  l: number,
): NaiveFit {
  const m = rows.length;
  const D = rows[0]!.length;
  const means = range(D).map((d) => sum(rows.map((row) => row[d]!)) / m);
  const centre = (x: Matrix) => x.map((row) => row.map((v, d) => v - means[d]!));
  const rms = Math.sqrt(
    sum(
      centre(rows)
        .flat()
        .map((v) => v * v),
    ) /
      (m * D),
  );
  const standardise = (x: Matrix) => centre(x).map((row) => row.map((v) => v / rms));
  const Z = standardise(rows);
  const shares = range(n).map((r) => Array.from(labels).filter((label) => label === r).length / m);
  const Y = Array.from(labels, (label) => range(n).map((r) => Number(r === label) - shares[r]!));
  const G = crossProduct(Z, Z);
  const damped = G.map((row, i) => row.map((v, j) => v + (i === j ? l : 0)));
  const W = gaussianElimination(damped, crossProduct(Z, Y));
  const predict = (x: Matrix) =>
    standardise(x).map((z) => {
      const scores = shares.map((share, r) => share + sum(z.map((v, d) => v * W[d]![r]!)));
      return scores.indexOf(Math.max(...scores));
    });
  return { predicted: predict(rows), eigenvalues: jacobiEigenvalues(G), predict };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

/** A'B/m. */
const crossProduct = (A: Matrix, B: Matrix): Matrix =>
  range(A[0]!.length).map((i) =>
    range(B[0]!.length).map((j) => sum(A.map((row, k) => row[i]! * B[k]![j]!)) / A.length),
  );

/** Solves A X = B with partial pivoting. */
function gaussianElimination(A: Matrix, B: Matrix): Matrix {
  const rows = A.map((row, i) => [...row, ...B[i]!]);
  const size = A.length;
  for (let c = 0; c < size; c++) {
    const pivot = range(size)
      .slice(c)
      .reduce((best, r) => (Math.abs(rows[r]![c]!) > Math.abs(rows[best]![c]!) ? r : best), c);
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    rows[c] = rows[c]!.map((v) => v / rows[c]![c]!);
    for (let r = 0; r < size; r++)
      if (r !== c) rows[r] = rows[r]!.map((v, k) => v - rows[r]![c]! * rows[c]![k]!);
  }
  return rows.map((row) => row.slice(size));
}

/** Cyclic Jacobi (Golub & Van Loan, section 8.5). */
function jacobiEigenvalues(G: Matrix): number[] {
  const A = G.map((row) => [...row]);
  const size = A.length;
  for (let sweep = 0; sweep < 30; sweep++)
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(A, p, q);
  return A.map((row, i) => row[i]!).sort((a, b) => a - b);
}

function rotate(A: Matrix, p: number, q: number): void {
  if (Math.abs(A[p]![q]!) < 1e-300) return;
  const tau = (A[q]![q]! - A[p]![p]!) / (2 * A[p]![q]!);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
  const [c, s] = [1 / Math.hypot(1, t), t / Math.hypot(1, t)];
  for (const row of A) {
    const [x, y] = [row[p]!, row[q]!];
    [row[p], row[q]] = [c * x - s * y, s * x + c * y];
  }
  for (const k of range(A.length)) {
    const [x, y] = [A[p]![k]!, A[q]![k]!];
    [A[p]![k], A[q]![k]] = [c * x - s * y, s * x + c * y];
  }
}
