import { expect, test } from "vitest";
import { hash32 } from "../../record/random.ts";
import { RULE, nearDuplicates } from "../../replicate/near-duplicates.ts";

const SIZE = 48;

/** Noise, and images that differ from given ones by `apart` in every value. */
const noise = (i: number) => Uint8Array.from({ length: SIZE }, (_, d) => 60 + (hash32(i, d) % 130));
const shifted = (image: Uint8Array, apart: number) => image.map((value) => value + apart);
const joined = (images: Uint8Array[]) => Uint8Array.from(images.flatMap((image) => [...image]));

test("pairs are those nearer than 0.6 of the way to the tenth nearest, with several twins or none", () => {
  const train = Array.from({ length: 60 }, (_, i) => noise(i));
  const test = [noise(100), shifted(train[7]!, 3), noise(101), shifted(train[40]!, -20)];
  train[12] = shifted(test[1]!, 5); // a second twin, which the nearest must not hide
  const found = nearDuplicates(joined(test), joined(train), SIZE);
  expect(found).toEqual([
    [1, 7],
    [1, 12],
    [3, 40],
  ]);
  // The rule spelled out, without matrices.
  const byHand = test.flatMap((image, i) => {
    const apart = train.map((other) => Math.hypot(...Array.from(other, (v, d) => v - image[d]!)));
    const tenth = [...apart].sort((a, b) => a - b)[RULE.neighbour - 1]!;
    return [...apart.keys()].filter((j) => apart[j]! < RULE.closer * tenth).map((j) => [i, j]);
  });
  expect(found).toEqual(byHand);
});

test("by hand: of images of one value, the tenth nearest is 10 away, so 5 is near enough and 6 is not", () => {
  const apart = [7, 8, 5, 9, 9, 6, 9, 9, 9, 10, 20, 30];
  const train = Uint8Array.from(apart, (value) => 100 + value);
  expect(nearDuplicates(Uint8Array.of(100), train, 1)).toEqual([[0, 2]]);
});
