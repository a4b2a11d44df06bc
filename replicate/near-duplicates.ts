/**
 * @file `node replicate/near-duplicates.ts`: the near-duplicates of CIFAR-10's test images among its training images, by
 * pixel distance (method.md section 5), as record/near-duplicates.json has them. About three minutes of processor time.
 */

import { pathToFileURL } from "node:url";
import { loadDataset } from "../harness/data/cached-dataset.ts";
import { tf } from "../harness/engine/tensorflow.ts";

/**
 * A training image is a near-duplicate of a test image where it is less than `closer` times as far as the training image
 * of rank `neighbour`, by nearness to the same test image.
 */
export const RULE = { neighbour: 10, closer: 0.6 };

/**
 * @param test images of `size` values each; `train` alike, at least `RULE.neighbour` of them.
 * @returns pairs of places, ascending.
 */
export function nearDuplicates(
  test: Uint8Array,
  train: Uint8Array,
  size: number,
): [test: number, train: number][] {
  const imageOf = (images: Uint8Array, i: number) => images.subarray(i * size, (i + 1) * size);
  return nearest(test, train, size).flatMap((near, i) => {
    const exact = near.map((j): [squares: number, j: number] => {
      return [squaredDistance(imageOf(test, i), imageOf(train, j)), j];
    });
    exact.sort(([a], [b]) => a - b);
    const limit = RULE.closer ** 2 * exact[RULE.neighbour - 1]![0];
    const found = exact.filter(([squares]) => squares < limit).map(([, j]) => j);
    return found.sort((a, b) => a - b).map((j): [number, number] => [i, j]);
  });
}

/** Test images whose distances are computed together: 50,000 float32 for each. */
const ROWS = 250;

/** Twice as many as the rule looks at, because float32 may swap the order of what is nearly as far. */
const CANDIDATES = 2 * RULE.neighbour;

/** Places of the nearest training images of each test image: those with the largest 2ab - |b|^2, in float32. */
function nearest(test: Uint8Array, train: Uint8Array, size: number): number[][] {
  return tf.tidy(() => {
    const b = tf.tensor2d(Float32Array.from(train), [train.length / size, size]);
    const squares = tf.sum(tf.square(b), 1);
    const found: number[][] = [];
    for (let start = 0; start < test.length; start += ROWS * size) {
      const rows = test.subarray(start, start + ROWS * size);
      const scores = tf.tidy(() => {
        const a = tf.tensor2d(Float32Array.from(rows), [rows.length / size, size]);
        const scores = tf.sub(tf.mul(2, tf.matMul(a, b, false, true)), squares);
        return tf.topk(scores, Math.min(CANDIDATES, b.shape[0]), false).indices;
      });
      found.push(...(scores.arraySync() as number[][]));
      scores.dispose();
    }
    return found;
  });
}

function squaredDistance(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { digests, train, test } = await loadDataset("cifar10");
  const size = test.images.length / test.labels.length;
  const pairs = nearDuplicates(test.images, train.images, size);
  const document = { dataset: "cifar10", digests, ...RULE, pairs };
  process.stdout.write(`${JSON.stringify(document)}\n`);
}
