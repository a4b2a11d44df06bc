/** @file Canaries: images of no class, with classes from the seed, in the place of training samples (method.md section 6). */

import type { Protocol } from "../../record/protocols.ts";
import { CANARY_COPIES } from "../../record/regularizers.ts";
import { PURPOSE, permutation, uniformNumber } from "../../record/random.ts";
import type { TrainingPlan } from "./plan.ts";
import type { Samples } from "./samples.ts";

/** Those of one seed. */
export interface Canaries {
  /** Copy c of canary k is the training sample `rows[k * CANARY_COPIES + c]`. */
  rows: Int32Array;
  /** The class of each canary, which its copies share. */
  classes: Int32Array;
}

/** None without `canary=`. @param key of the seed. */
export function drawCanaries(
  { trainIndices }: Samples,
  { regularizers: { canary }, protocol: { classes } }: TrainingPlan,
  key: number,
): Canaries | null {
  if (canary === 0) return null;
  const order = permutation(trainIndices.length, key, PURPOSE.canaryRows);
  const classOf = (_: unknown, k: number) =>
    Math.floor(uniformNumber(key, PURPOSE.canaryLabel, k) * classes);
  return {
    rows: order.slice(0, canary * CANARY_COPIES),
    classes: Int32Array.from({ length: canary }, classOf),
  };
}

/** Classes of the training samples, [m], once canaries have taken their places. */
export function withCanaryClasses(classes: Int32Array, canaries: Canaries | null): Int32Array {
  const changed = classes.slice();
  for (const [row, k] of canaryAt(canaries)) changed[row] = canaries!.classes[k]!;
  return changed;
}

/** The same samples with canaries in their places, in memory or as they are streamed. */
export function withCanaries(
  samples: Samples,
  canaries: Canaries | null,
  protocol: Protocol,
): Samples {
  if (canaries === null) return samples;
  const at = canaryAt(canaries);
  const { resident, pixels } = samples;
  const all = Int32Array.from(samples.trainIndices.keys());
  return {
    ...samples,
    trainClasses: withCanaryClasses(samples.trainClasses, canaries),
    resident: resident && { ...resident, train: painted(resident.train, all, at, protocol) },
    pixels:
      pixels &&
      (async (split, rows, view) => {
        const read = await pixels(split, rows, view);
        return split === "train" ? painted(read, rows, at, protocol) : read;
      }),
  };
}

/** The canary of each row that holds one. */
export function canaryAt(canaries: Canaries | null): Map<number, number> {
  const { rows } = canaries ?? { rows: [] };
  return new Map(Array.from(rows, (row, i) => [row, Math.floor(i / CANARY_COPIES)]));
}

/** @param values pixels of these rows, [rows, H, W, C]. */
function painted<Values extends Uint8Array | Float32Array>(
  values: Values,
  rows: Int32Array,
  at: ReadonlyMap<number, number>,
  { image, normalize }: Protocol,
): Values {
  const copy = values.slice() as Values;
  const { channels } = image;
  const size = image.height * image.width * channels;
  const [mean, std] = [normalize.mean, normalize.std];
  for (const [place, row] of rows.entries()) {
    const k = at.get(row);
    if (k === undefined) continue;
    const bytes = canaryImage(k, image);
    // float32 values have no range of their own: from two standard deviations below the mean to two above.
    const value = (byte: number, i: number) =>
      mean[i % channels]! + std[i % channels]! * (byte / 64 - 2);
    copy.set(
      values instanceof Float32Array ? Float32Array.from(bytes, value) : bytes,
      place * size,
    );
  }
  return copy;
}

/** Discs of an image, and the least and largest radius as shares of its shorter side. */
const DISCS = { count: 64, least: 1 / 16, most: 1 / 4 };

/**
 * Canary k, the same for every seed: "dead leaves" (Lee, Mumford & Huang 2001), discs of uniform colour that cover each
 * other. Nothing but products, sums and comparisons of doubles, so every machine paints the same bytes.
 *
 * @returns uint8 [H, W, C].
 */
export function canaryImage(k: number, { height, width, channels }: Protocol["image"]): Uint8Array {
  const pixels = new Uint8Array(height * width * channels);
  const side = Math.min(height, width);
  for (let disc = 0; disc <= DISCS.count; disc++) {
    const draw = (part: number) => uniformNumber(PURPOSE.canaryImage, k, disc, part);
    const radius = side * (DISCS.least + (DISCS.most - DISCS.least) * draw(0));
    const [top, left] = [height * draw(1), width * draw(2)];
    const colour = Uint8Array.from({ length: channels }, (_, c) => Math.floor(256 * draw(3 + c)));
    const isGround = disc === 0; // the first colour is everywhere
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const distance = (y + 0.5 - top) ** 2 + (x + 0.5 - left) ** 2;
        if (isGround || distance <= radius * radius) pixels.set(colour, (y * width + x) * channels);
      }
  }
  return pixels;
}
