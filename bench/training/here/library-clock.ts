/**
 * @file Counts the time that passes inside TensorFlow's session calls.
 *
 * The addon's functions are read-only, so the clock sits between tfjs and the addon: import this module before any
 * other that loads TensorFlow.
 */

import "../../../harness/engine/node-shim.ts";
import { createRequire } from "node:module";

type Call = (...args: unknown[]) => unknown;
interface Addon {
  runSavedModel: Call;
}
interface Library {
  backend(): { binding: Addon };
}

const library = createRequire(import.meta.url)("@tensorflow/tfjs-node-gpu") as Library;
const backend = library.backend();
const addon = backend.binding;
let inside = 0;

const runSavedModel: Call = (...args) => {
  const start = performance.now();
  try {
    return addon.runSavedModel(...args);
  } finally {
    inside += (performance.now() - start) / 1000;
  }
};
backend.binding = Object.create(addon, { runSavedModel: { value: runSavedModel } }) as Addon;

/** Seconds spent in session calls since the process began. */
export const librarySeconds = (): number => inside;
