/** @file How far a run has come, by its checkpoint's header alone: nothing of the network is read, and no TensorFlow. */

import { closeSync, openSync, readSync } from "node:fs";
import { headerLength, parseHeader } from "../engine/safetensors.ts";

export interface TrainedSoFar {
  /** Finished epochs. */
  epochs: number;
  /** Steps done in the current one. */
  step: number;
}

/** Null where there is no checkpoint, or none that can be read. */
export function checkpointProgress(path: string): TrainedSoFar | null {
  try {
    const { epochs, step } = JSON.parse(readMetadata(path)["progress"]!) as {
      epochs: unknown[];
      step: number;
    };
    return { epochs: epochs.length, step };
  } catch {
    return null; // whoever trains on from it says what is wrong with it
  }
}

function readMetadata(path: string): Record<string, string> {
  const file = openSync(path, "r");
  try {
    const start = readBytes(file, 0, 8);
    return parseHeader(readBytes(file, 8, headerLength(start)!)).metadata;
  } finally {
    closeSync(file);
  }
}

function readBytes(file: number, from: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count;) {
    const read = readSync(file, bytes, done, count - done, from + done);
    if (read === 0) throw new RangeError("cut off");
    done += read;
  }
  return bytes;
}
