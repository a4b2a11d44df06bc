/**
 * @file `node replicate/toy-images.ts FILE`: writes the images that the first page's toy trains on, as
 * site/data/toy/fashion-mnist-14.bin has them.
 */

import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { loadDataset } from "../harness/data/cached-dataset.ts";

/** Images of each class: the first in official order. */
const PER_CLASS = { train: 50, test: 50 };

const SIDE = 28;

/** Places of the first images of each class, in official order. */
function firstOfEach(labels: ArrayLike<number>, perClass: number): number[] {
  const taken = new Map<number, number>();
  return Array.from(labels, (_, i) => i).filter((i) => {
    const before = taken.get(labels[i]!) ?? 0;
    taken.set(labels[i]!, before + 1);
    return before < perClass;
  });
}

/** Sixteen greys, two pixels a byte. @param image 28 x 28 bytes. */
function halved(image: Uint8Array): number[] {
  const level = (x: number, y: number) => {
    const corner = 2 * y * SIDE + 2 * x;
    const four = [corner, corner + 1, corner + SIDE, corner + SIDE + 1].map((i) => image[i]!);
    return Math.round((15 * four.reduce((sum, value) => sum + value, 0)) / (4 * 255));
  };
  return Array.from({ length: (SIDE / 2) ** 2 / 2 }, (_, i) => {
    const [x, y] = [(2 * i) % (SIDE / 2), Math.floor((2 * i) / (SIDE / 2))];
    return 16 * level(x, y) + level(x + 1, y);
  });
}

const dataset = await loadDataset("fashion-mnist");
const parts = (["train", "test"] as const).map((name) => {
  const { images, labels } = dataset[name];
  const rows = firstOfEach(labels, PER_CLASS[name]);
  const imageOf = (i: number) => images.subarray(i * SIDE ** 2, (i + 1) * SIDE ** 2);
  return {
    rows,
    bytes: [...rows.flatMap((i) => halved(imageOf(i))), ...rows.map((i) => labels[i]!)],
  };
});
const places = parts[0]!.rows.flatMap((i) => [i & 255, i >> 8]);
const all = Uint8Array.from([...parts.flatMap(({ bytes }) => bytes), ...places]);
writeFileSync(process.argv[2]!, gzipSync(all, { level: 9 }));
