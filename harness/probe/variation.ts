/** @file Measures how features vary from sample to sample, and how much of that is only rounding. */

/** TensorFlow's arithmetic treats smaller float32 numbers as zero. */
const SMALLEST = 2 ** -126;

/** Sums over the rows of a matrix, each of which must be added once. */
export class Variation {
  readonly #digits: number;
  readonly #width: number;
  #rows = 0;
  // For each column: its first value, in the file and as float32; whether any float32 differs; sums around the first.
  readonly #first: Float64Array;
  readonly #first32: Float64Array;
  readonly #varies: Uint8Array;
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;
  /** Sum of (float32 value) - (value in the file). */
  readonly #error: Float64Array;
  readonly #errorSquares: Float64Array;

  /** @param digits of the significands in the file. */
  constructor(width: number, digits: number) {
    this.#width = width;
    this.#digits = digits;
    this.#varies = new Uint8Array(width);
    const column = () => new Float64Array(width);
    [this.#first, this.#first32, this.#sum, this.#squares] = [
      column(),
      column(),
      column(),
      column(),
    ];
    [this.#error, this.#errorSquares] = [column(), column()];
  }

  /** @param stored rows of the matrix as in the file. @param float32 the same rounded. */
  add(stored: Float32Array | Float64Array, float32: Float32Array): void {
    const width = this.#width;
    if (this.#rows === 0)
      for (let j = 0; j < width; j++)
        [this.#first[j], this.#first32[j]] = [stored[j]!, flushed(float32[j]!)];
    // Local names, because this runs for every number in a file.
    const [first, first32, varies] = [this.#first, this.#first32, this.#varies];
    const [sum, squares, errors, errorSquares] = [
      this.#sum,
      this.#squares,
      this.#error,
      this.#errorSquares,
    ];
    for (let i = 0; i < float32.length; i += width)
      for (let j = 0; j < width; j++) {
        const x = flushed(float32[i + j]!);
        const difference = stored[i + j]! - first[j]!;
        const error = x - stored[i + j]!;
        sum[j]! += difference;
        squares[j]! += difference * difference;
        errors[j]! += error;
        errorSquares[j]! += error * error;
        if (x !== first32[j]) varies[j] = 1;
      }
    this.#rows += float32.length / width;
  }

  /** Whether any feature differs between samples as float32. */
  get varies(): boolean {
    return this.#varies.includes(1);
  }

  /** Whether the other matrix has the same rows in its file, in the same order, judging by their sums. */
  equals(other: Variation): boolean {
    const same = (a: Float64Array, b: Float64Array) => a.every((x, j) => x === b[j]);
    return (
      this.#rows === other.#rows &&
      same(this.#first, other.#first) &&
      same(this.#sum, other.#sum) &&
      same(this.#squares, other.#squares)
    );
  }

  /** Whether any differs in the file. */
  get variesInFile(): boolean {
    return this.#squares.some((sum) => sum > 0);
  }

  /**
   * Share of the features' variance that is due to rounding. The error of rounding to float32 is known; values that were
   * rounded before they were written have a uniform error of variance ulp^2 / 12, if they vary at all.
   */
  get roundedShare(): number {
    const [rows, digits] = [this.#rows, this.#digits];
    let [variance, now, before] = [0, 0, 0];
    for (let j = 0; j < this.#width; j++) {
      variance += this.#squares[j]! - this.#sum[j]! ** 2 / rows;
      now += this.#errorSquares[j]! - this.#error[j]! ** 2 / rows;
      const size = Math.abs(this.#first[j]! + this.#sum[j]! / rows);
      if (this.#varies[j] && size > 0)
        before += (rows * 2 ** (2 * (Math.floor(Math.log2(size)) + 1 - digits))) / 12;
    }
    return variance > 0 ? Math.min(1, Math.max(now, before) / variance) : 0;
  }
}

const flushed = (x: number) => (Math.abs(x) < SMALLEST ? 0 : x);
