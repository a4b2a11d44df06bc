/** @file One image from its file's bytes to the part of it that a network reads. */

import { tf } from "../engine/tensorflow.ts";
import {
  type Crop,
  type CropRanges,
  randomCrop,
  shorterSideTo,
  type Uniform,
} from "./image-crop.ts";
import { invalidFile } from "./invalid-file.ts";

/** What a protocol says of it; sizes in pixels. */
export interface ImageView extends CropRanges {
  height: number;
  width: number;
  /** What the shorter side is scaled to before the centre is cut out for evaluation. */
  shorterSide: number;
  /** Probability of being mirrored in training. */
  flip: number;
}

/** As imagenet-1 has it. */
export const USUAL_VIEW: ImageView = {
  height: 224,
  width: 224,
  shorterSide: 256,
  flip: 0.5,
  area: [0.08, 1],
  aspect: [3 / 4, 4 / 3],
};

type Image = ReturnType<typeof tf.node.decodeJpeg>;

/**
 * Decodes an image in RGB and cuts out a random part of it, mirrored half of the time, or its centre.
 *
 * Scaling is bilinear with half-pixel centres and without antialiasing, for training and evaluation alike.
 *
 * @param uniform null for evaluation.
 * @param place the file's name, for errors.
 * @returns uint8 values [height, width, 3] as whole numbers.
 * @throws UserError when the bytes are no image.
 */
export function viewOf(
  bytes: Uint8Array,
  place: string,
  uniform: Uniform | null,
  seen: ImageView = USUAL_VIEW,
): Int32Array {
  return tf.tidy(() => {
    const image = decode(bytes, place);
    const view = uniform ? trainingView(image, uniform, seen) : evaluationView(image, seen);
    // The cast drops the fraction, so this rounds; interpolation never leaves 0..255.
    return tf.cast(tf.add(view, 0.5), "int32").dataSync<"int32">();
  });
}

/** A few of ImageNet's .JPEG files hold a PNG, or CMYK; TensorFlow reads both by their first bytes. */
function decode(bytes: Uint8Array, place: string): Image {
  try {
    return tf.node.decodeImage(bytes, 3, "int32", false) as Image;
  } catch (error) {
    throw invalidFile(place, "must be a JPEG, PNG, BMP or GIF image", reasonOf(error), error);
  }
}

/** What the decoder says; the first line is only TensorFlow's number for it. */
function reasonOf(error: unknown): string {
  const [first = "", ...rest] = (error as Error).message.split("\n");
  const said = rest
    .join(" ")
    .replace(/^Message: /, "")
    .trim();
  return said || first;
}

function trainingView(image: Image, uniform: Uniform, seen: ImageView): Image {
  const [height, width] = image.shape;
  const crop = cut(image, randomCrop(height, width, uniform, seen));
  const view = resize(crop, [seen.height, seen.width]);
  const mirrored = uniform(FLIP) < seen.flip;
  return mirrored ? tf.reverse(view, 1) : view;
}

/** A word that no attempt of the crop begins with. */
const FLIP = 1000;

function evaluationView(image: Image, { height, width, shorterSide }: ImageView): Image {
  const scaled = resize(image, shorterSideTo(shorterSide, image.shape[0], image.shape[1]));
  const top = Math.round((scaled.shape[0] - height) / 2);
  const left = Math.round((scaled.shape[1] - width) / 2);
  return cut(scaled, { top, left, height, width });
}

function cut(image: Image, { top, left, height, width }: Crop): Image {
  return tf.slice(image, [top, left, 0], [height, width, 3]);
}

function resize(image: Image, size: [number, number]): Image {
  return tf.image.resizeBilinear(image, size, false, true);
}
