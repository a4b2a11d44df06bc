/** @file How features vary from sample to sample, and how much of that is only the rounding of their type. */

/** TensorFlow's arithmetic takes smaller float32 numbers for zero. */
const SMALLEST = 2 ** -126;

/** Sums over the rows of a matrix, each of which is to be added once. */
export class Variation {
  readonly #digits: number;
  readonly #width: number;
  #rows = 0;
  // Of each column: its first number, as in the file and as float32; is any float32 another? Sums around the first.
  readonly #first: Float64Array;
  readonly #first32: Float64Array;
  readonly #varies: Uint8Array;
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;
  /** Of (as float32) - (as in the file). */
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
        [this.#first[j], this.#first32[j]] = [stored[j]!, used(float32[j]!)];
    // In local names, as this is done for every number of a file.
    const [first, first32, varies] = [this.#first, this.#first32, this.#varies];
    const [sum, squares, errors, errorSquares] = [
      this.#sum,
      this.#squares,
      this.#error,
      this.#errorSquares,
    ];
    for (let i = 0; i < float32.length; i += width)
      for (let j = 0; j < width; j++) {
        const x = used(float32[i + j]!);
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

  /** Does any feature differ between samples as float32? */
  get varies(): boolean {
    return this.#varies.includes(1);
  }

  /** Are the rows of the other matrix, as in its file, the same in the same order? (By their sums.) */
  equals(other: Variation): boolean {
    const same = (a: Float64Array, b: Float64Array) => a.every((x, j) => x === b[j]);
    return (
      this.#rows === other.#rows &&
      same(this.#first, other.#first) &&
      same(this.#sum, other.#sum) &&
      same(this.#squares, other.#squares)
    );
  }

  /** Does any in the file? */
  get variesInFile(): boolean {
    return this.#squares.some((sum) => sum > 0);
  }

  /**
   * Share of the features' variance that rounding makes up. What rounding to float32 changes is known; numbers that were
   * rounded before they were written are off by a uniform error, of variance ulp^2 / 12, where they vary at all.
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

const used = (x: number) => (Math.abs(x) < SMALLEST ? 0 : x);
