/** @file Images of noise, in memory: speed does not depend on what is in them. */

import type { Protocol } from "../../../record/protocols.ts";
import { hash32 } from "../../random.ts";
import { type Samples, residentSamples } from "../../train/samples.ts";

/** `train` and `test` images of the protocol's shape, the classes taking turns. */
export function madeUpSamples(
  protocol: Protocol,
  { train, test }: { train: number; test: number },
): Samples {
  const { height, width, channels } = protocol.image;
  const split = (count: number, key: number) => ({
    images: noise(count * height * width * channels, key),
    labels: Uint8Array.from({ length: count }, (_, i) => i % protocol.classes),
  });
  return residentSamples({ train: split(train, 1), test: split(test, 2) }, protocol);
}

/** Uniform bytes. */
function noise(length: number, key: number): Uint8Array {
  const words = Uint32Array.from({ length: Math.ceil(length / 4) }, (_, i) => hash32(key, i));
  return new Uint8Array(words.buffer, 0, length);
}
