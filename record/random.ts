/** @file Counter-based randomness: a pure function of its inputs, with no state to save or share. */

/**
 * Mixes whole numbers into one uniform unsigned 32-bit integer.
 *
 * Source: MurmurHash3's 32-bit finalizer (Austin Appleby, public domain), applied once per word.
 */
export function hash32(...words: readonly number[]): number {
  let h = 0;
  for (const word of words) {
    h ^= (word + 0x9e37_79b9) | 0; // so that zero words still mix
    h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}

/** What a random number is for; part of its address, so that no two uses share numbers. */
export const PURPOSE = {
  initialise: 1,
  order: 2,
  dropout: 3,
  flip: 4,
  crop: 5,
  cutout: 6,
  mix: 7,
  labelNoise: 8,
  step: 9,
  resizedCrop: 10,
  calibration: 11,
  canaryImage: 12,
  canaryRows: 13,
  canaryLabel: 14,
  sameClassMixup: 15,
  flatness: 16,
} as const;

/** Uniform in [0, 1), 32 bits. */
export const uniformNumber = (...words: readonly number[]): number => hash32(...words) / 2 ** 32;

/** Splits a seed, a whole number below 2^53, into two words that hash32 can take. */
export const seedWords = (seed: number): [number, number] => [
  seed >>> 0,
  Math.floor(seed / 2 ** 32) >>> 0,
];

/** A permutation of 0..count-1 (Fisher & Yates), a function of the words alone. */
export function permutation(count: number, ...words: readonly number[]): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const key = hash32(...words);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniformNumber(key, i) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
