import { expect, test } from "vitest";
import { NO_REGULARIZERS } from "../../record/regularizers.ts";
import { tf, type Tensor } from "../../harness/engine/tensorflow.ts";
import { augment } from "../../harness/train/images.ts";
import type { Plan } from "../../harness/train/plan.ts";
import { tinyProtocol } from "./tiny.ts";

const SIDE = 16;
const plan = (changes: Partial<typeof NO_REGULARIZERS>) =>
  ({ protocol: tinyProtocol(), regularizers: { ...NO_REGULARIZERS, ...changes } }) as Plan;

/** Pixel values name their place: row * 16 + column + 1, so that zero is padding only. */
const numbered = (batch: number) =>
  tf.tile(tf.reshape(tf.range(1, SIDE * SIDE + 1), [1, SIDE, SIDE, 1]), [batch, 1, 1, 1]);

const images = (x: Tensor) => x.arraySync() as number[][][][];
const key = (step: number) => tf.tensor1d([5, step], "int32");

test("aug shows a window of the zero-padded image, mirrored about half the time", () => {
  const out = images(augment(numbered(400), plan({ augment: true }), key(1)));
  const shifts = new Set<string>();
  let mirrored = 0;
  for (const image of out) {
    const pixels = image.map((row) => row.map((p) => p[0]!));
    const inner = pixels[8]!.slice(5, 11);
    const flip = inner[1]! < inner[0]!;
    if (flip) mirrored++;
    const own = flip ? pixels.map((row) => row.toReversed()) : pixels;
    // The centre is never padding at shifts of at most 4: it tells where the window is.
    const [row, column] = [Math.floor((own[8]![8]! - 1) / SIDE), (own[8]![8]! - 1) % SIDE];
    const [down, right] = [row - 8, column - 8];
    shifts.add(`${down} ${right}`);
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) {
        const inside = y + down >= 0 && y + down < SIDE && x + right >= 0 && x + right < SIDE;
        expect(own[y]![x]).toBe(inside ? (y + down) * SIDE + x + right + 1 : 0);
      }
  }
  expect(Math.abs(mirrored - 200)).toBeLessThan(50); // 5 standard deviations
  expect(shifts.size).toBeGreaterThan(70); // of 81
});

test("cutout zeroes one square, clipped at the edge, in about half the images", () => {
  const out = images(augment(numbered(400), plan({ cutout: 6 }), key(2)));
  let cut = 0;
  for (const image of out) {
    const holes = image.flatMap((row, y) => row.flatMap((p, x) => (p[0] === 0 ? [[y, x]] : [])));
    if (holes.length === 0) continue;
    cut++;
    const span = (axis: 0 | 1) => {
      const places = holes.map((hole) => hole[axis]!);
      return Math.max(...places) - Math.min(...places) + 1;
    };
    expect(span(0)).toBeLessThanOrEqual(6);
    expect(span(1)).toBeLessThanOrEqual(6);
    expect(holes).toHaveLength(span(0) * span(1));
  }
  expect(Math.abs(cut - 200)).toBeLessThan(50);
});

test("the same key augments the same, another key does not", () => {
  const run = (step: number) => images(augment(numbered(8), plan({ augment: true }), key(step)));
  expect(run(3)).toEqual(run(3));
  expect(run(3)).not.toEqual(run(4));
});
