/** @file One image from its file's bytes to the square that a network reads. */

import { tf } from "../engine/tensorflow.ts";
import { type Crop, randomCrop, shorterSideTo, type Uniform } from "./image-crop.ts";
import { invalidFile } from "./invalid-file.ts";

/** Side of the square in pixels. */
export const SIDE = 224;
/** What the shorter side is scaled to before the centre is cut out for evaluation. */
const EVALUATION_SIDE = 256;

type Image = ReturnType<typeof tf.node.decodeJpeg>;

/**
 * Decodes an image in RGB and cuts out a random part of it, mirrored half of the time, or its centre.
 *
 * Scaling is bilinear with half-pixel centres and without antialiasing, for training and evaluation alike.
 *
 * @param uniform null for evaluation.
 * @param place the file's name, for errors.
 * @returns uint8 values [224, 224, 3] as whole numbers.
 * @throws UserError when the bytes are no image.
 */
export function viewOf(bytes: Uint8Array, place: string, uniform: Uniform | null): Int32Array {
  return tf.tidy(() => {
    const image = decode(bytes, place);
    const view = uniform ? trainingView(image, uniform) : evaluationView(image);
    // The cast drops the fraction, so this rounds; interpolation never leaves 0..255.
    return tf.cast(tf.add(view, 0.5), "int32").dataSync<"int32">();
  });
}

/** A few of ImageNet's .JPEG files hold a PNG, or CMYK; TensorFlow reads both by their first bytes. */
function decode(bytes: Uint8Array, place: string): Image {
  try {
    return tf.node.decodeImage(bytes, 3, "int32", false) as Image;
  } catch (error) {
    const found = (error as Error).message.split("\n")[0]!;
    throw invalidFile(place, "must be a JPEG or PNG image", found, error);
  }
}

function trainingView(image: Image, uniform: Uniform): Image {
  const [height, width] = image.shape;
  const view = resize(cut(image, randomCrop(height, width, uniform)), [SIDE, SIDE]);
  const mirrored = uniform(FLIP) < 0.5;
  return mirrored ? tf.reverse(view, 1) : view;
}

/** A word that no attempt of the crop begins with. */
const FLIP = 1000;

function evaluationView(image: Image): Image {
  const [height, width] = image.shape;
  const scaled = resize(image, shorterSideTo(EVALUATION_SIDE, height, width));
  const top = Math.round((scaled.shape[0] - SIDE) / 2);
  const left = Math.round((scaled.shape[1] - SIDE) / 2);
  return cut(scaled, { top, left, height: SIDE, width: SIDE });
}

function cut(image: Image, { top, left, height, width }: Crop): Image {
  return tf.slice(image, [top, left, 0], [height, width, 3]);
}

function resize(image: Image, size: [number, number]): Image {
  return tf.image.resizeBilinear(image, size, false, true);
}
