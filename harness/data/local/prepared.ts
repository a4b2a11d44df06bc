/** @file Data that are ready for training: what is known of them, and where their pixels are. */

import { createHash, hash } from "node:crypto";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { LocalDataset, readsImageFiles } from "../../../record/datasets.ts";
import { canonicalJson } from "../../../record/canonical-json.ts";
import type { Protocol } from "../../../record/protocols.ts";
import { Digest } from "../../../record/run.ts";
import { EXIT, UserError } from "../../errors.ts";
import { explainDisk, onDisk, readDocument } from "../../files.ts";

/** Where data come from; absolute paths. */
export const LocalSource = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("images"), root: z.string() }),
  z.strictObject({
    kind: z.literal("arrays"),
    xTrain: z.string(),
    yTrain: z.string(),
    xTest: z.string(),
    yTest: z.string(),
  }),
]);
export type LocalSource = z.infer<typeof LocalSource>;

/** `prepared.json`. */
export const Prepared = z.strictObject({
  source: LocalSource,
  dataset: LocalDataset,
  /** Names of folders, or labels, in the order of their numbers. */
  classes: z.array(z.string()),
  image: z.strictObject({ height: z.int(), width: z.int(), channels: z.int() }),
  digests: z.strictObject({ train: Digest, test: Digest }),
  normalize: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number()) }),
  /** SHA-256 of pixels.bin; null where samples are read from their source. */
  pixels: Digest.nullable(),
  /** Size and times of the files that samples are read from, to notice that one was changed; of arrays only. */
  stamps: z.array(z.string()),
  /** What a person should know of the data. */
  remarks: z.strictObject({
    leftOut: z.record(
      z.string(),
      z.strictObject({ count: z.int(), examples: z.array(z.string()) }),
    ),
    /** Test samples that are in the training split, too, value for value. */
    duplicates: z.int(),
    /** Images with an orientation in their EXIF, which is not applied. */
    oriented: z.int(),
    /** Channels with one value everywhere. */
    constant: z.int(),
    /** Classes without a test sample. */
    untested: z.int(),
    /** Images that were scaled. */
    resized: z.int(),
    /** How axes were read where that was a decision. */
    reading: z.string().nullable(),
  }),
});
export type Prepared = z.infer<typeof Prepared>;

export const PREPARED_FILE = "prepared.json";
/** uint8 or float32 of all training samples, then of all test samples. */
export const PIXELS_FILE = "pixels.bin";
/** Class numbers of both, int32. */
export const LABELS_FILE = "labels.bin";
/** Paths of image files that are read as they are needed: training, then test. */
export const FILES_FILE = "files.json";

/** Everything about data of one's own lies here: what was prepared, and what was seen of places. */
export function localFolder(cache: string): string {
  return join(cache, "local");
}

/** No array is scaled or cut. */
export const ARRAY_VIEWING = {
  view: { kind: "whole" },
  augmentation: { kind: "flip-crop", flip: 0.5, pad: 4 },
} as const satisfies Pick<Protocol, "view" | "augmentation">;

type Prepares = Pick<Protocol, "dataset" | "digests" | "image" | "view" | "augmentation">;

/** The folder of a protocol's data: the same data in the same view have the same one. */
export function preparedFolder(cache: string, protocol: Prepares): string {
  const { digests, image, view } = protocol;
  const way = readsImageFiles(protocol) ? "files" : view;
  const key = hash("sha256", canonicalJson([digests, image, way]), "hex").slice(0, 32);
  return join(localFolder(cache), "prepared", key);
}

/** Null where nothing is prepared, or not to its end. @throws UserError for a damaged prepared.json. */
export function readPrepared(cache: string, protocol: Prepares): Prepared | null {
  const folder = preparedFolder(cache, protocol);
  const prepared = readDocument(join(folder, PREPARED_FILE), Prepared);
  if (prepared === null || prepared.pixels === null) return prepared;
  const size = statSync(join(folder, PIXELS_FILE), { throwIfNoEntry: false })?.size;
  return size === pixelBytes(prepared) ? prepared : null;
}

/** Removes what was prepared of data, in every view. */
export function removePrepared(cache: string, digests: Prepared["digests"]): void {
  const all = join(localFolder(cache), "prepared");
  if (!existsSync(all)) return;
  for (const name of onDisk(() => readdirSync(all))) {
    const folder = join(all, name);
    const found = readDocument(join(folder, PREPARED_FILE), Prepared)?.digests;
    if (found?.train === digests.train && found.test === digests.test)
      onDisk(() => rmSync(folder, { recursive: true, force: true }));
  }
}

export function valuesOfSample({ image }: Pick<Prepared, "image">): number {
  return image.height * image.width * image.channels;
}

/** Bytes of all samples of both splits. */
export function pixelBytes(prepared: Pick<Prepared, "dataset" | "image">): number {
  const { trainSamples, testSamples, values } = prepared.dataset;
  const each = valuesOfSample(prepared) * (values === "float32" ? 4 : 1);
  return (trainSamples + testSamples) * each;
}

/** Class numbers of both splits. */
export async function readLabels(folder: string, { dataset }: Prepared) {
  const bytes = await readFile(join(folder, LABELS_FILE)).catch((error: unknown) => {
    throw explainDisk(error, join(folder, LABELS_FILE));
  });
  const { trainSamples, testSamples } = dataset;
  if (bytes.length !== 4 * (trainSamples + testSamples))
    throw damaged(
      folder,
      LABELS_FILE,
      `must be ${4 * (trainSamples + testSamples)} bytes`,
      `${bytes.length}`,
    );
  const labels = new Int32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  );
  return { train: labels.subarray(0, trainSamples), test: labels.subarray(trainSamples) };
}

/** The error for a file of the cache; it is made again from its source. */
export function damaged(folder: string, file: string, rule: string, found: string): UserError {
  return new UserError(
    `${join(folder, file)}: ${rule}; found ${found}. Remove the folder ${folder} and start again: it is made anew from the data.`,
    EXIT.verification,
  );
}

/** Size and times of a file: another stamp means that it was written since. */
export function stampOf(path: string): string {
  const { size, mtimeMs, ctimeMs } = statSync(path);
  return `${size} ${mtimeMs} ${ctimeMs}`;
}

/** The files that a source's samples are read from, if that is few enough to tell. */
export function sourcePaths(source: LocalSource): string[] {
  if (source.kind === "images") return [source.root];
  const { xTrain, yTrain, xTest, yTest } = source;
  return [xTrain, yTrain, xTest, yTest];
}

export const missingPath = (source: LocalSource) =>
  sourcePaths(source).find((path) => !existsSync(path));

/** SHA-256 of lines or values that come one after the other. */
export const newDigest = () => createHash("sha256");
