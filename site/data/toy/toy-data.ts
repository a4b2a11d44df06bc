/**
 * @file The images that the toy trains on: Fashion-MNIST (© 2017 Zalando SE, MIT License), each 2 x 2 pixels averaged, in
 * sixteen greys; fashion-mnist-14.bin, as `node replicate/toy-images.ts` writes it: in gzip, as servers compress no file of such a kind.
 */

/** Pixels across and down. */
export const SIDE = 14;

/** The first of each class in official order. */
export const PER_CLASS = { train: 50, test: 50 } as const;

const CLASSES = 10;
const PIXELS = SIDE * SIDE;

interface Split {
  /** [count, 196] in sixteenths of a grey, normalized as Fashion-MNIST is (method.md section 7). */
  images: Float64Array;
  /** [count] */
  classes: Uint8Array;
}

export interface ToyData {
  train: Split & {
    /** Places in the full official training set, which random labels follow from. */
    indices: Uint16Array;
  };
  test: Split;
}

const [MEAN, DEVIATION] = [0.28604, 0.35302];

/** @param bytes unpacked. Two pixels a byte, the left one in the upper half; then classes; of the training images places as well, little-endian. */
export function readToyData(bytes: ArrayBuffer): ToyData {
  const view = new DataView(bytes);
  let at = 0;
  const take = (length: number) => new Uint8Array(bytes, (at += length) - length, length);
  const split = (perClass: number): Split => {
    const count = perClass * CLASSES;
    const packed = take((count * PIXELS) / 2);
    const images = new Float64Array(count * PIXELS);
    for (let i = 0; i < images.length; i++) {
      const level = i % 2 === 0 ? packed[i >> 1]! >> 4 : packed[i >> 1]! & 15;
      images[i] = (level / 15 - MEAN) / DEVIATION;
    }
    return { images, classes: take(count) };
  };
  const train = split(PER_CLASS.train);
  const test = split(PER_CLASS.test);
  const indices = Uint16Array.from(train.classes, (_, i) => view.getUint16(at + 2 * i, true));
  return { train: { ...train, indices }, test };
}
