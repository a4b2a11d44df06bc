/** @file Mean and standard deviation of each channel, in float64 (method.md section 7). */

export interface ChannelStatistics {
  mean: number[];
  std: number[];
  /** Channels whose values are all equal: their deviation counts as 1. */
  constant: number;
}

/** Values come in any portions of [..., channels]; uint8 counts as a share of 255. */
export class ChannelSums {
  readonly #channels: number;
  readonly #counts: Float64Array | null;
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  #seen = 0;

  constructor(channels: number, values: "uint8" | "float32") {
    this.#channels = channels;
    this.#counts = values === "uint8" ? new Float64Array(channels * 256) : null;
    this.#means = new Float64Array(channels);
    this.#squares = new Float64Array(channels);
  }

  add(values: Uint8Array | Float32Array): void {
    if (this.#counts !== null) return this.#count(values, this.#counts);
    const [means, squares, channels] = [this.#means, this.#squares, this.#channels];
    for (let i = 0; i < values.length; i += channels) {
      this.#seen++;
      for (let c = 0; c < channels; c++) {
        // Welford 1962: the mean so far, and the sum of squares about it.
        const off = values[i + c]! - means[c]!;
        means[c]! += off / this.#seen;
        squares[c]! += off * (values[i + c]! - means[c]!);
      }
    }
  }

  #count(values: Uint8Array | Float32Array, counts: Float64Array): void {
    const channels = this.#channels;
    for (let i = 0; i < values.length; i += channels)
      for (let c = 0; c < channels; c++) counts[c * 256 + values[i + c]!]!++;
  }

  result(): ChannelStatistics {
    const each = Array.from({ length: this.#channels }, (_, c) => this.#ofChannel(c));
    return {
      mean: each.map(([mean]) => mean),
      std: each.map(([, std]) => std || 1),
      constant: each.filter(([, std]) => std === 0).length,
    };
  }

  #ofChannel(c: number): [mean: number, std: number] {
    if (this.#counts === null) return [this.#means[c]!, Math.sqrt(this.#squares[c]! / this.#seen)];
    const counts = this.#counts.subarray(c * 256, (c + 1) * 256);
    const seen = counts.reduce((sum, count) => sum + count, 0);
    // Sums of whole numbers below 2^53 are exact.
    const mean = counts.reduce((sum, count, value) => sum + count * value, 0) / seen;
    const square =
      counts.reduce((sum, count, value) => sum + count * (value - mean) ** 2, 0) / seen;
    return [mean / 255, Math.sqrt(square) / 255];
  }
}
