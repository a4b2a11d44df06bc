/** @file Writes what `--save features,per-sample` keeps of a run, to be joined with scores published elsewhere. */

import { join } from "node:path";
import type { HeadPlace } from "../../record/head-places.ts";
import { writeJsonAtomic } from "../files.ts";
import type { TapFeatures } from "./controls.ts";
import { writeNpy } from "./npy.ts";

/** Bits of a byte in `per-sample.npy`. */
const BIT = { classCorrect: 1, randomLabelCorrect: 2 } as const;

/** `sample-index.npy` int32 [m]: each row's index in the full official training set. @returns the file's name. */
export function saveSampleIndex(folder: string, indices: Int32Array): string {
  writeNpy(join(folder, "sample-index.npy"), indices, [indices.length]);
  return "sample-index.npy";
}

/** `features-tapT.npy` float32 [m, D_T] for every tap given. @returns the files' names. */
export function saveFeatures(
  folder: string,
  samples: number,
  features: readonly TapFeatures[],
): string[] {
  return features.map(({ tap, values }) => {
    const name = `features-tap${tap}.npy`;
    writeNpy(join(folder, name), values, [samples, values.length / samples]);
    return name;
  });
}

export interface PerSample {
  /** [m], 1 where the class is predicted. */
  classCorrect: Uint8Array;
  heads: readonly HeadPlace[];
  /** In the order of `heads`, [m] each, 1 where the random label is predicted. */
  randomLabelCorrect: readonly Uint8Array[];
}

/** `per-sample.npy` uint8 [m, heads] and `per-sample.json`, which says what its columns and bits are. */
export function savePerSample(folder: string, results: PerSample): string[] {
  const { classCorrect, heads } = results;
  writeNpy(join(folder, "per-sample.npy"), perSampleBytes(results), [
    classCorrect.length,
    heads.length,
  ]);
  const columns = heads.map(({ tap, n, draw }) => ({ tap, n, draw }));
  writeJsonAtomic(join(folder, "per-sample.json"), { bits: BIT, columns });
  return ["per-sample.npy", "per-sample.json"];
}

function perSampleBytes({ classCorrect, heads, randomLabelCorrect }: PerSample): Uint8Array {
  const bytes = new Uint8Array(classCorrect.length * heads.length);
  for (let i = 0; i < bytes.length; i++) {
    const [row, head] = [Math.floor(i / heads.length), i % heads.length];
    bytes[i] =
      (classCorrect[row] ? BIT.classCorrect : 0) |
      (randomLabelCorrect[head]![row] ? BIT.randomLabelCorrect : 0);
  }
  return bytes;
}
