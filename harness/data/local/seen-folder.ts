/** @file Reads every image file of a folder once: its digest, and by its header its size. No image is decoded. */

import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Digest } from "../../../record/run.ts";
import { UserError } from "../../errors.ts";
import { explainDisk, makeFolder, readDocument, writeAtomic } from "../../files.ts";
import { numberClasses } from "./classes.ts";
import { byCodeUnit } from "./code-units.ts";
import {
  type FolderListing,
  type FolderSample,
  type LeftOut,
  NO_IMAGE,
  leaveOut,
  listFolder,
} from "./folder-listing.ts";
import { imageHeader } from "./image-header.ts";
import type { LookOptions } from "./look.ts";
import { localFolder, newDigest } from "./prepared.ts";

/** What a file's bytes say. */
const Look = z.union([
  z.strictObject({
    digest: Digest,
    height: z.int(),
    width: z.int(),
    grey: z.boolean(),
    orientation: z.int(),
  }),
  /** Why the file is left out. */
  z.strictObject({ reason: z.string() }),
]);
type Look = z.infer<typeof Look>;

/** `seen/KEY.json`: a look at every file, in the order of the listing; kept as long as no file changes. */
const Looks = z.strictObject({
  looks: z.array(Look),
  /** Paths of images whose decoding failed; null: not tried yet. */
  broken: z.array(z.string()).nullable(),
});

export interface SeenSample extends FolderSample {
  look: Exclude<Look, { reason: string }>;
}

export interface SeenFolder {
  listing: FolderListing;
  /** What can be decoded, as far as headers tell, or as far as decoding has told. */
  train: SeenSample[];
  test: SeenSample[];
  leftOut: LeftOut;
  /** Whether each image was decoded once, and those that failed are left out. */
  isDecoded: boolean;
  /** Leaves out images that were found to be broken, and remembers it for the next look. */
  without: (broken: string[]) => SeenFolder;
}

/** @throws UserError for a folder of another layout, or without images. */
export async function lookAtFolder(root: string, options: LookOptions): Promise<SeenFolder> {
  const listing = await listFolder(root);
  const files = [...listing.train, ...listing.test];
  const seen = files.map(({ path, stamp }) => [path, stamp]);
  const key = hash("sha256", JSON.stringify([root, seen]), "hex").slice(0, 32);
  const path = join(localFolder(options.cache), "seen", `${key}.json`);
  const known = options.again ? null : readDocument(path, Looks);
  const looks = known?.looks ?? (await lookAtAll(root, files, options));
  const keep = (broken: string[] | null) => {
    makeFolder(join(localFolder(options.cache), "seen"));
    writeAtomic(path, JSON.stringify({ looks, broken } satisfies z.infer<typeof Looks>));
  };
  if (known === null) keep(null);
  const seenWith = (broken: string[] | null): SeenFolder => ({
    ...sorted(listing, looks, broken ?? []),
    isDecoded: broken !== null,
    without(found) {
      const all = [...(broken ?? []), ...found]; // those that were known were not tried again
      keep(all);
      return seenWith(all);
    },
  });
  return seenWith(known?.broken ?? null);
}

const BROKEN = "cannot be decoded to the end";

function sorted(listing: FolderListing, looks: readonly Look[], broken: readonly string[]) {
  const leftOut: LeftOut = structuredClone(listing.leftOut);
  const isBroken = new Set(broken);
  const usable = (samples: readonly FolderSample[], before: number) =>
    samples.flatMap((sample, i): SeenSample[] => {
      const look = looks[before + i]!;
      const reason = "reason" in look ? look.reason : isBroken.has(sample.path) ? BROKEN : null;
      if (reason === null) return [{ ...sample, look: look as SeenSample["look"] }];
      leaveOut(leftOut, reason, sample.path);
      return [];
    });
  const train = usable(listing.train, 0);
  const test = usable(listing.test, listing.train.length);
  const kept = new Set(train.map(({ className }) => className));
  for (const className of new Set(listing.train.map((sample) => sample.className)))
    if (!kept.has(className)) leaveOut(leftOut, NO_IMAGE, `train/${className}`);
  return { listing, train, test, leftOut };
}

/** Files that are open together. */
const LANES = 32;
const MOST_PIXELS = 100_000_000;

async function lookAtAll(
  root: string,
  files: readonly FolderSample[],
  { name, onProgress, signal }: LookOptions,
): Promise<Look[]> {
  const looks: Look[] = [];
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let [next, done] = [0, 0];
  const lane = async () => {
    for (let i = next++; i < files.length; i = next++) {
      signal.throwIfAborted();
      looks[i] = lookAt(await read(join(root, files[i]!.path)));
      done += files[i]!.bytes;
      onProgress({ label: `${name}: reading`, done, total, unit: "bytes" });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return looks;
}

/** Null for a file that may not be read. */
async function read(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM" || code === "ENOENT") return null;
    throw explainDisk(error, path);
  }
}

function lookAt(bytes: Uint8Array | null): Look {
  if (bytes === null) return { reason: "may not be read" };
  const header = imageHeader(bytes);
  if (header === null) return { reason: "no PNG, JPEG, GIF or BMP by its first bytes" };
  const pixels = header.height * header.width;
  if (pixels === 0 || pixels > MOST_PIXELS)
    return { reason: `of no pixels, or more than ${MOST_PIXELS.toLocaleString("en-US")}` };
  return { digest: hash("sha256", bytes, "hex"), ...header };
}

/** Numbers and digests of the samples that are left. */
export function describeSamples({ listing, train, test }: SeenFolder) {
  const names = (samples: readonly SeenSample[]) => samples.map(({ className }) => className);
  const classes = [...new Set(names(train))].sort(byCodeUnit);
  const labels = { train: names(train), test: names(test) };
  const { root, testFolder } = listing;
  if (test.length === 0)
    throw new UserError(`${join(root, testFolder)}: no image in it can be used to test on`);
  const numbered = numberClasses(classes, labels, root);
  return { classes, ...numbered, digests: { train: digestOf(train), test: digestOf(test) } };
}

/** SHA-256 of `class TAB digest LF` for each sample: method.md section 7. */
function digestOf(samples: readonly SeenSample[]): string {
  const digest = newDigest();
  for (const { className, look } of samples) digest.update(`${className}\t${look.digest}\n`);
  return digest.digest("hex");
}
