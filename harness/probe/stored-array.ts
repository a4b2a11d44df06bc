/** @file An array in a file: where it lies, what it holds, and how a part of it is read. */

import { closeSync, openSync, readSync } from "node:fs";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk } from "../files.ts";
import type { ElementType } from "./element-type.ts";

export interface StoredArray {
  path: string;
  /** The tensor's name in its file; null in a file that holds one array. */
  name: string | null;
  element: ElementType;
  shape: number[];
  /** Of the first byte. Values are row-major. */
  offset: number;
}

/** `features.npy` or `features.safetensors: layer1`. */
export const placeOf = ({ path, name }: StoredArray) => (name === null ? path : `${path}: ${name}`);

/** A file that is not what it says; the fix is to write it again. */
export const damaged = (path: string, what: string) =>
  new UserError(`${path} is damaged: ${what}. Write it again.`, EXIT.verification);

/** A file opened for reading pieces of it. */
export class ByteReader {
  readonly path: string;
  readonly #file: number;

  /** @throws UserError when it cannot be opened. */
  constructor(path: string) {
    this.path = path;
    this.#file = openForReading(path);
  }

  /** `length` bytes from `offset` into the start of `into`. @throws UserError when the file ends before. */
  read(offset: number, length: number, into: Uint8Array): void {
    for (let done = 0; done < length;) {
      const count = this.#readSome(into.subarray(done, length), offset + done);
      if (count === 0) throw damaged(this.path, `it ends ${length - done} bytes too early`);
      done += count;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #readSome(into: Uint8Array, position: number): number {
    try {
      return readSync(this.#file, into, { position });
    } catch (error) {
      throw explainDisk(error, this.path);
    }
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new UserError(`There is no file ${path}.`, EXIT.usage, { cause: error });
    throw explainDisk(error, path);
  }
}
