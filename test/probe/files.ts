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
