/** @file How many heads know the random label of each training image, from the files of `--save per-sample`. */

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { tapsOf } from "../../record/architecture.ts";
import { isSamePlace, regularizedPlace } from "../../record/head-places.ts";
import { parseRegularizers } from "../../record/regularizers.ts";
import { npyArray } from "../arrays/npy-file.ts";
import { ByteReader, firstRows } from "../arrays/stored-array.ts";
import { UserError } from "../errors.ts";
import { readJson } from "../files.ts";
import { runFiles } from "../train/run-files.ts";
import type { Trained } from "./trained.ts";

export interface KnownLabels {
  /** Runs whose file was read. */
  runs: number;
  /** Heads at the last tap with the headline's labels, but for one that `rl=` acts on: each was told a labelling of its own. */
  heads: number;
  /** [m], each sample's index in the full training set. */
  indices: Int32Array;
  /** [m], how many of these heads predict the sample's label. */
  known: Int32Array;
  /** Null where each head knows every label or none: then no image can differ from another. */
  spread: Spread | null;
}

/** Does it depend on the image whether its label is known? */
export interface Spread {
  /** The variance of `known` over the samples as a multiple of `Σ_h p_h (1 - p_h)`, what it is on average if not. */
  ratio: number;
  /** 95 % of ratios lie within 1 ± this if not. */
  chance: number;
}

const Columns = z.object({
  bits: z.object({ randomLabelCorrect: z.int().min(1).max(128) }),
  columns: z.array(z.object({ tap: z.int(), n: z.int(), draw: z.int() })),
});

/** Null where fewer than two heads were saved, or canaries took the place of images. @throws UserError for a damaged file. */
export function knownLabels({ folder, runs }: Trained): KnownLabels | null {
  const { path, protocol, configuration } = folder;
  if (parseRegularizers(configuration.regs).canary > 0) return null;
  const saved = runs.flatMap(({ seed }) => perSampleFile(runFiles(path, seed).folder) ?? []);
  const taps = tapsOf(configuration).length;
  const suppressed = regularizedPlace(parseRegularizers(configuration.regs), protocol, taps);
  const heads: Uint8Array[] = [];
  for (const { file, layout } of saved)
    for (const [column, place] of layout.columns.entries()) {
      const isRead = place.tap === taps && place.n === protocol.headline;
      if (isRead && !isSamePlace(place, suppressed)) heads.push(knownBy(file, layout, column));
    }
  if (heads.length < 2) return null;
  const indices = new Int32Array(saved[0]!.indices());
  const known = new Int32Array(indices.length);
  for (const head of heads) {
    if (head.length !== known.length)
      throw new UserError(
        `${path}: its per-sample files have ${head.length} and ${known.length} rows, where the samples of all seeds are the same. Train the shorter run again with --save per-sample.`,
      );
    for (let i = 0; i < known.length; i++) known[i]! += head[i]!;
  }
  const spread = spreadOf(heads, known);
  return { runs: saved.length, heads: heads.length, indices, known, spread };
}

interface PerSampleFile {
  /** int32 [m] */
  indices: () => ArrayBuffer;
  file: string;
  layout: z.infer<typeof Columns>;
}

/** Null where it was not saved. */
function perSampleFile(folder: string): PerSampleFile | null {
  const [file, description] = [join(folder, "per-sample.npy"), join(folder, "per-sample.json")];
  if (!existsSync(file) || !existsSync(description)) return null;
  const indices = () => valuesOf(join(folder, "sample-index.npy"), 4).bytes;
  const layout = Columns.safeParse(readJson(description));
  if (layout.success) return { indices, file, layout: layout.data };
  throw new UserError(
    `${description} does not say what the columns of per-sample.npy are. Delete both, or train the run again with --save per-sample.`,
  );
}

/** [m], 1 where the head of a column is right. */
function knownBy(file: string, { bits, columns }: PerSampleFile["layout"], column: number) {
  const { shape, bytes } = valuesOf(file, 1);
  const [m = 0, width] = shape;
  if (width !== columns.length)
    throw new UserError(
      `${file} has the shape [${shape.join(", ")}], but per-sample.json names ${columns.length} columns. Delete both, or train the run again with --save per-sample.`,
    );
  const values = new Uint8Array(bytes);
  return Uint8Array.from({ length: m }, (_, i) =>
    values[i * width + column]! & bits.randomLabelCorrect ? 1 : 0,
  );
}

/** @param bytes of an element. */
function valuesOf(file: string, bytes: number) {
  const reader = new ByteReader(file);
  try {
    const array = npyArray(reader, statSync(file).size, "samples");
    const { shape, element } = array;
    if (element.bytes !== bytes)
      throw new UserError(
        `${file} has elements of ${element.bytes} bytes where ${bytes} belong. Delete it, or train the run again with --save per-sample.`,
      );
    return { shape, bytes: firstRows(array, shape[0] ?? 0) };
  } finally {
    reader.close();
  }
}

/**
 * Were each head's known samples any K_h of the m, independently of the other heads', the variance over samples would be
 * v = Σ v_h on average, v_h = p_h (1 - p_h), p_h = K_h/m: within a head it is v_h exactly, and the covariance of two heads is
 * 0 on average with variance v_h v_g / (m - 1). So the ratio is 1 on average, with variance 4 Σ_{h<g} v_h v_g / ((m - 1) v²).
 */
export function spreadOf(heads: readonly Uint8Array[], known: Int32Array): Spread | null {
  const m = known.length;
  const own = heads.map((head) => {
    const p = head.reduce((sum, one) => sum + one, 0) / m;
    return p * (1 - p);
  });
  const [v, squares] = [own.reduce((a, b) => a + b, 0), own.reduce((a, b) => a + b * b, 0)];
  if (v === 0) return null;
  const mean = known.reduce((a, b) => a + b, 0) / m;
  const variance = known.reduce((sum, count) => sum + (count - mean) ** 2, 0) / m;
  const pairs = (v * v - squares) / 2;
  return { ratio: variance / v, chance: (1.96 * Math.sqrt((4 * pairs) / (m - 1))) / v };
}
