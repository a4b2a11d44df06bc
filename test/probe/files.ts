/** @file Files for the tests of the probe: fixtures written by Python, and damage done to them. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** Path of a file that NumPy, PyTorch or safetensors wrote. */
export const fixture = (name: string) =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** Answers with the path of a file with this content; it is gone after the tests. */
export function temporaryFiles(): (name: string, content: Uint8Array | string) => string {
  const folder = mkdtempSync(join(tmpdir(), "rademark-probe-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  return (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
}

/** A fixture's bytes with a piece of latin1 text in them replaced by one of the same length. */
export function altered(name: string, from: string, to: string): Uint8Array {
  const text = readFileSync(fixture(name)).toString("latin1");
  if (!text.includes(from) || from.length !== to.length) throw new Error(`no ${from} in ${name}`);
  return Buffer.from(text.replace(from, to), "latin1");
}

/** A .npy file, version 1, with this header and these bytes behind it: not written by what the product writes with. */
export function npyFile(header: string, values: ArrayBufferView): Uint8Array {
  const text = Buffer.from(`${header}\n`, "latin1");
  return Buffer.concat([
    Buffer.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8),
    text,
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  ]);
}

/** The same with the header as NumPy spells it. */
export const npyOf = (
  descr: string,
  shape: readonly number[],
  values: ArrayBufferView,
  fortran = false,
): Uint8Array => {
  const sizes = shape.map((size) => `${size},`).join(" ");
  const order = fortran ? "True" : "False";
  return npyFile(`{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${sizes}), }`, values);
};

/** A safetensors file of these tensors in this order, laid out by hand. */
export function safetensorsFile(
  tensors: readonly (readonly [
    name: string,
    dtype: string,
    shape: number[],
    values: ArrayBufferView,
  ])[],
): Uint8Array {
  let end = 0;
  const entries = tensors.map(([name, dtype, shape, { byteLength }]) => {
    const entry = { dtype, shape, data_offsets: [end, (end += byteLength)] };
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
  });
  const header = Buffer.from(`{${entries.join(",")}}`);
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.length);
  const values = tensors.map(
    ([, , , { buffer, byteOffset, byteLength }]) => new Uint8Array(buffer, byteOffset, byteLength),
  );
  return Buffer.concat([length, header, ...values]);
}
