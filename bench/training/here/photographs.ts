/** @file Made-up photographs for the loader's benchmark: ImageNet's own may not be passed on. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tf } from "../../../harness/engine/tensorflow.ts";

/** ImageNet's most common size. */
const HEIGHT = 375;
const WIDTH = 500;

/** Bytes a pixel grow with the noise: this much gives about 110 kB, ImageNet's mean. */
const GRAIN = 9;
const QUALITY = 90;

/** Writes JPEGs of 500 x 375 pixels: random colours that change smoothly, with the grain of a camera. @returns their names. */
export async function writePhotographs(folder: string, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, i) => `${i}.jpg`);
  for (const [i, name] of names.entries()) {
    const image = photograph(i);
    const bytes = await tf.node.encodeJpeg(image, "rgb", QUALITY);
    image.dispose();
    await writeFile(join(folder, name), bytes);
  }
  return names;
}

function photograph(seed: number): Image {
  return tf.tidy(() => {
    const colours: Image = tf.randomUniform([12, 16, 3], 0, 255, "float32", 2 * seed);
    const smooth = tf.image.resizeBilinear(colours, [HEIGHT, WIDTH], false, true);
    const grain = tf.randomNormal(smooth.shape, 0, GRAIN, "float32", 2 * seed + 1);
    return tf.cast(tf.clipByValue(tf.add(smooth, grain), 0, 255), "int32");
  });
}

type Image = Parameters<typeof tf.node.encodeJpeg>[0];
