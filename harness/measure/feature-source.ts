/** @file Where features come from: memory, a file, or a trunk that computes them as they are asked for. */

/** A representation of m samples, [m, D] float32. Read several times, in order, a few thousand rows at a time. */
export interface FeatureSource {
  /** m. */
  readonly samples: number;
  /** D. */
  readonly width: number;
  /** Rows first..first+count-1, row-major. The array may be reused by the next call. */
  rows(first: number, count: number): Float32Array;
}

/** @param values [m, D], row-major. @throws Error when that is no whole number of rows. */
export function inMemory(values: Float32Array, samples: number): FeatureSource {
  const width = values.length / samples;
  if (!Number.isInteger(width) || width < 1)
    throw new Error(`${values.length} values are not ${samples} rows of features`);
  return {
    samples,
    width,
    rows: (first, count) => values.subarray(first * width, (first + count) * width),
  };
}

/** Splits the samples into chunks of at most `values` values each, or of one row. */
export function* chunks(
  samples: number,
  width: number,
  values: number,
): Generator<[first: number, count: number]> {
  const size = Math.max(1, Math.floor(values / width));
  for (let first = 0; first < samples; first += size)
    yield [first, Math.min(size, samples - first)];
}
