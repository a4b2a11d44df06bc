/** @file Reader of the IDX format of MNIST and Fashion-MNIST, http://yann.lecun.com/exdb/mnist/ */

import { invalidFile } from "./opened-datasets.ts";

const UNSIGNED_BYTE = 0x08;

export interface Idx {
  shape: number[];
  values: Uint8Array;
}

/**
 * Two zero bytes, the type (only unsigned bytes are read), the number of dimensions, each dimension as a
 * big-endian 32-bit number, then the values.
 *
 * @param place the file's name, for errors.
 * @throws UserError when the header is another, or the values are fewer or more than the header says.
 */
export function readIdx(bytes: Uint8Array, place: string): Idx {
  const [first, second, type, dimensions = 0] = bytes;
  const start = 4 + 4 * dimensions;
  if (first !== 0 || second !== 0 || type !== UNSIGNED_BYTE || bytes.length < start) {
    const found = Buffer.from(bytes.subarray(0, 4)).toString("hex") || "an empty file";
    throw invalidFile(place, "must begin with an IDX header of unsigned bytes, 000008NN", found);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length - start !== size) {
    const rule = `its header says ${shape.join(" x ")} = ${size} values`;
    throw invalidFile(place, rule, `${bytes.length - start}`);
  }
  return { shape, values: bytes.subarray(start) };
}
