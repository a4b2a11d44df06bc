/** @file An image as a protocol's network sees it: decoded, scaled with antialiasing, its middle cut out. */

import { op, tf } from "../../engine/tensorflow.ts";

/** Sizes in pixels; `shorterSide` null: images have this size already. */
export interface Sight {
  height: number;
  width: number;
  channels: number;
  shorterSide: number | null;
}

/**
 * Transparency is dropped, not blended; EXIF's orientation is not applied (method.md section 7).
 *
 * @returns uint8 [height, width, channels].
 * @throws Error with the decoder's words for bytes that are no whole image.
 */
export function seenImage(bytes: Uint8Array, { channels, ...sight }: Sight): Uint8Array {
  // Returned as a tensor, because tidy searches what it returns for tensors, value by value.
  const seen = tf.tidy(() => {
    const image = tf.node.decodeImage(bytes, channels, "int32", false);
    const [height, width] = image.shape as unknown as [number, number];
    if (height === sight.height && width === sight.width) return image;
    const scale =
      (sight.shorterSide ?? Math.max(sight.height, sight.width)) / Math.min(height, width);
    const shift = (whole: number, part: number) => (part - whole * scale) / 2;
    const scaled = op(
      "ScaleAndTranslate",
      [
        tf.cast(tf.expandDims(image), "float32"),
        tf.tensor1d([sight.height, sight.width], "int32"),
        tf.tensor1d([scale, scale]),
        tf.tensor1d([shift(height, sight.height), shift(width, sight.width)]),
      ],
      { T: { type: "float32" }, kernel_type: { string: "triangle" }, antialias: { bool: true } },
    );
    return tf.clipByValue(tf.floor(tf.add(scaled, 0.5)), 0, 255);
  });
  const values = Uint8Array.from(seen.dataSync());
  seen.dispose();
  return values;
}
