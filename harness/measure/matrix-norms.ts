/** @file Norms of matrices, in float64 and in one order of summation: neither threads nor machines change them. */

import { uniformNumber } from "../../record/random.ts";

/** float32 [rows, columns], row by row. */
export interface Matrix {
  values: Float32Array;
  rows: number;
  columns: number;
}

/** Root of the sum of squares. */
export function frobeniusNorm(values: Float32Array): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}

/** Most steps; the last digits of large random matrices take some fifty. */
const MOST_STEPS = 300;

/** Steps in a row without growth, as a share, beyond which none is expected. */
const STILL = { steps: 4, growth: 1e-14 } as const;

/**
 * Largest singular value: the root of the largest eigenvalue of W'W, by Lanczos with full reorthogonalisation (Golub & Van
 * Loan, Matrix Computations, section 10.3). From one fixed start, which a matrix would have to be made for to deceive it.
 */
export function spectralNorm(matrix: Matrix): number {
  const { columns } = matrix;
  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const beside: number[] = [];
  let next = Float64Array.from({ length: columns }, (_, i) => uniformNumber(i) - 0.5);
  let [norm, largest, still] = [scaleToUnit(next), 0, 0];
  while (norm > 0 && basis.length < Math.min(columns, MOST_STEPS) && still < STILL.steps) {
    basis.push(next);
    const image = gram(matrix, next);
    diagonal.push(dot(image, next));
    for (let pass = 0; pass < 2; pass++) for (const each of basis) subtract(image, each);
    const now = largestEigenvalue(diagonal, beside);
    still = now - largest <= STILL.growth * now ? still + 1 : 0;
    largest = Math.max(largest, now);
    norm = scaleToUnit(image);
    // What is left of a space that has been used up is rounding.
    if (norm <= 1e-14 * largest) break;
    beside.push(norm);
    next = image;
  }
  return Math.sqrt(largest);
}

/** W'(W x). */
function gram({ values, rows, columns }: Matrix, x: Float64Array) {
  const image = new Float64Array(columns);
  for (let row = 0, at = 0; row < rows; row++, at += columns) {
    let y = 0;
    for (let i = 0; i < columns; i++) y += values[at + i]! * x[i]!;
    for (let i = 0; i < columns; i++) image[i]! += values[at + i]! * y;
  }
  return image;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Takes the part along a unit vector out of x. */
function subtract(x: Float64Array, unit: Float64Array): void {
  const along = dot(x, unit);
  for (let i = 0; i < x.length; i++) x[i]! -= along * unit[i]!;
}

/** @returns the length that x had; 0 leaves it as it is. */
function scaleToUnit(x: Float64Array): number {
  const length = Math.sqrt(dot(x, x));
  if (length > 0) for (let i = 0; i < x.length; i++) x[i]! /= length;
  return length;
}

/** Of a symmetric tridiagonal matrix, by bisection: so many of its eigenvalues exceed x as pivots of T - x I are positive. */
function largestEigenvalue(diagonal: readonly number[], beside: readonly number[]): number {
  const size = diagonal.length;
  const reach = (i: number) => Math.abs(beside[i - 1] ?? 0) + Math.abs(beside[i] ?? 0);
  let low = Math.max(...diagonal);
  let high = Math.max(...diagonal.map((value, i) => value + (i < size ? reach(i) : 0)));
  const exceeds = (x: number) => {
    let pivot = 1;
    for (let i = 0; i < size; i++) {
      const off = i === 0 ? 0 : beside[i - 1]!;
      pivot = diagonal[i]! - x - (off * off) / pivot;
      if (pivot > 0) return true;
      if (pivot === 0) pivot = -Number.MIN_VALUE;
    }
    return false;
  };
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    if (exceeds(middle)) low = middle;
    else high = middle;
  }
}
