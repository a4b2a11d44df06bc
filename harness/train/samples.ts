/** @file The samples of a run: the protocol's subset of a data set, in memory or streamed from disk. */

import { hash } from "node:crypto";
import { datasetLabel } from "../../record/datasets.ts";
import type { Protocol } from "../../record/protocols.ts";
import { UserError } from "../errors.ts";
import { type LabelKind, type Sha256, randomLabels } from "../../record/random-label.ts";
import { PURPOSE, uniformNumber } from "../../record/random.ts";
import { type TrainingPlan, labelSpaces } from "./plan.ts";
import { decodeImages } from "../data/decoder-processes.ts";
import { cacheFolder } from "../data/cache-folder.ts";
import { loadDataset } from "../data/cached-dataset.ts";
import type { ImageFile } from "../data/image-folder.ts";
import { openLocal } from "../data/local/opened.ts";
import { IMAGENET_VARIABLE, openProtocolImages, protocolView } from "../data/protocol-images.ts";

/** One split in memory. */
interface Split {
  /** NHWC. */
  images: Uint8Array | Float32Array;
  labels: Uint8Array | Int32Array;
}

/** What training needs of a data set. */
export interface Samples {
  /** Index of each training sample in the full official training set. */
  trainIndices: Int32Array;
  trainClasses: Int32Array;
  testClasses: Int32Array;
  /** Pixels of both splits, or null where `pixels` reads them from disk. */
  resident: Record<"train" | "test", Uint8Array | Float32Array> | null;
  /** Streamed pixels of some rows; `training` asks for the protocol's augmented view. */
  pixels: PixelSource | null;
}

/** Begins at once, and may be called again before it has answered. */
type PixelSource = (
  split: "train" | "test",
  rows: Int32Array,
  view: { training: boolean; key: number },
) => Promise<Uint8Array | Float32Array> | Uint8Array | Float32Array;

/** Batches that are asked for before the session works on the one before them. */
export const AHEAD = 2;

/**
 * The inputs of some calls of a session, in order. Those of the next calls are asked for before the caller gets one,
 * because a call blocks the process until it ends.
 *
 * @param feedsOf the inputs of call i, of 0..calls-1.
 */
export async function* fedAhead<T>(
  calls: number,
  feedsOf: (call: number) => Promise<T>,
): AsyncGenerator<T> {
  const asked: Promise<T>[] = [];
  for (let call = 0; call < calls; call++) {
    while (asked.length <= Math.min(AHEAD, calls - call - 1)) {
      const feeds = feedsOf(call + asked.length);
      feeds.catch(() => {}); // one that nobody waits for any more; awaiting it still throws
      asked.push(feeds);
    }
    yield await asked.shift()!;
  }
}

/**
 * Indices of the first `perClass` images of each class, in official order; of all images without a subset.
 *
 * @throws UserError when a class has fewer.
 */
export function subsetIndices(labels: ArrayLike<number>, protocol: Protocol): Int32Array {
  const chosen = firstOfEachClass(labels, protocol);
  if (!protocol.subset) return chosen;
  const { perClass } = protocol.subset;
  const taken = new Int32Array(protocol.classes);
  for (const i of chosen) taken[labels[i]!]!++;
  const short = taken.findIndex((count) => count < perClass);
  if (short >= 0)
    throw new UserError(
      `${datasetLabel(protocol)}: class ${short} has ${taken[short]} training images, ` +
        `subset.perClass asks for ${perClass}`,
    );
  return chosen;
}

/** The same, or fewer of a class that has fewer. */
function firstOfEachClass(labels: ArrayLike<number>, { subset, classes }: Protocol): Int32Array {
  const all = Int32Array.from({ length: labels.length }, (_, i) => i);
  if (!subset) return all;
  const taken = new Int32Array(classes);
  return all.filter((i) => taken[labels[i]!]!++ < subset.perClass);
}

/** A data set in memory, cut to the protocol's subset. */
export function residentSamples(
  dataset: { train: Split; test: Split },
  protocol: Protocol,
): Samples {
  const { height, width, channels } = protocol.image;
  const size = height * width * channels;
  const indices = subsetIndices(dataset.train.labels, protocol);
  const length = indices.length * size;
  const isFloat = dataset.train.images instanceof Float32Array;
  const train = isFloat ? new Float32Array(length) : new Uint8Array(length);
  for (const [row, i] of indices.entries())
    train.set(dataset.train.images.subarray(i * size, (i + 1) * size), row * size);
  return {
    trainIndices: indices,
    trainClasses: Int32Array.from(indices, (i) => dataset.train.labels[i]!),
    testClasses: Int32Array.from(dataset.test.labels),
    resident: { train, test: dataset.test.images },
    pixels: null,
  };
}

/** Node's own SHA-256, three times as fast as the portable one; digits and their bytes come twice as soon as a buffer. */
const sha256: Sha256 = (text) => Buffer.from(hash("sha256", text, "hex"), "hex");

/**
 * Random labels of a seed, drawn at first use and kept, as every tap asks for the same redraws: of micro-1 some 1 MB, of
 * imagenet-1 (8 redraws of 1.28 million labels at each of two n) some 80 MB.
 */
export class SeedLabels {
  readonly #plan: TrainingPlan;
  readonly #samples: Samples;
  readonly #seed: number;
  readonly #known: Map<string, Int32Array>;

  constructor(plan: TrainingPlan, samples: Samples, seed: number) {
    this.#plan = plan;
    this.#samples = samples;
    this.#seed = seed;
    this.#known = keptLabels(samples, seed);
  }

  /** One label for each training sample, [m]. */
  get(kind: LabelKind, n: number, draw: number): Int32Array {
    const key = `${kind}/${n}/${draw}`;
    let labels = this.#known.get(key);
    if (!labels) {
      const indices = this.#samples.trainIndices;
      labels = randomLabels({ seed: this.#seed, n, draw, indices, kind, sha256 });
      this.#known.set(key, labels);
    }
    return labels;
  }

  /** Every draw of a label space, int32 [m, draws]. */
  table(n: number): Int32Array {
    const { draws } = labelSpaces(this.#plan.heads).find((space) => space.n === n)!;
    const each = Array.from({ length: draws }, (_, draw) => this.get("random-label", n, draw));
    const table = new Int32Array(draws * each[0]!.length);
    for (const [draw, labels] of each.entries())
      for (const [i, label] of labels.entries()) table[i * draws + draw] = label;
    return table;
  }
}

type KeptLabels = Map<string, Int32Array>;

/** By seed, the one used last at the end. */
const kept = new WeakMap<Samples, Map<number, KeptLabels>>();

/** Labels of all seeds but the current one: 64 MB. */
const MOST_KEPT = 2 ** 24;

/** Configurations of a sweep have the same seeds, and with them the same labels. */
function keptLabels(samples: Samples, seed: number): KeptLabels {
  const seeds = kept.get(samples) ?? new Map<number, KeptLabels>();
  kept.set(samples, seeds);
  const own = seeds.get(seed) ?? new Map<string, Int32Array>();
  seeds.delete(seed);
  const sizes = Array.from(seeds.values(), (labels) => labels.size * samples.trainIndices.length);
  let total = sizes.reduce((a, b) => a + b, 0);
  for (const [i, old] of [...seeds.keys()].entries()) {
    if (total <= MOST_KEPT) break;
    seeds.delete(old);
    total -= sizes[i]!;
  }
  seeds.set(seed, own);
  return own;
}

/** Classes to train on: with probability `noise` one of the other classes, chosen uniformly. */
export function noisyClasses(
  { trainClasses, trainIndices }: Samples,
  { regularizers: { noise }, protocol: { classes } }: TrainingPlan,
  key: number,
): Int32Array {
  if (noise === 0) return trainClasses;
  return trainClasses.map((own, row) => {
    const draw = (part: number) => uniformNumber(key, PURPOSE.labelNoise, trainIndices[row]!, part);
    if (draw(0) >= noise) return own;
    return (own + 1 + Math.floor(draw(1) * (classes - 1))) % classes;
  });
}

/** @throws UserError when the data set is missing, damaged, or not the one the protocol pins. */
export async function openSamples(protocol: Protocol): Promise<Samples> {
  if (typeof protocol.dataset !== "string") return localSamples(protocol);
  if (protocol.dataset === "imagenet") {
    const { root, train, val } = await openProtocolImages(protocol, process.env[IMAGENET_VARIABLE]);
    return fileSamples(protocol, { root, train, test: val });
  }
  const name = datasetLabel(protocol);
  const dataset = await loadDataset(name, {}, (labels) => firstOfEachClass(labels, protocol));
  for (const split of ["train", "test"] as const) {
    const pinned = protocol.digests[split];
    if (pinned !== null && pinned !== dataset.digests[split])
      throw new UserError(
        `${protocol.name} pins ${name} ${split} to SHA-256 ${pinned}, ` +
          `the cached one has ${dataset.digests[split]}. Run: rademark data verify ${name}`,
      );
  }
  const { train, test } = dataset;
  const trainIndices = subsetIndices(train.labels, protocol);
  return {
    trainIndices,
    trainClasses: Int32Array.from(trainIndices, (i) => train.labels[i]!),
    testClasses: Int32Array.from(test.labels),
    resident: { train: train.images, test: test.images },
    pixels: null,
  };
}

/** Somebody's own data, as `--data` has prepared them. */
async function localSamples(protocol: Protocol): Promise<Samples> {
  const { labels, resident, rows, files } = await openLocal(protocol, cacheFolder());
  if (files !== null) return fileSamples(protocol, files);
  if (resident !== null) {
    const split = (name: "train" | "test") => ({ images: resident[name], labels: labels[name] });
    return residentSamples({ train: split("train"), test: split("test") }, protocol);
  }
  const trainIndices = subsetIndices(labels.train, protocol);
  return {
    trainIndices,
    trainClasses: trainIndices.map((i) => labels.train[i]!),
    testClasses: labels.test,
    resident: null,
    pixels: (split, places) =>
      rows!(split, split === "train" ? places.map((row) => trainIndices[row]!) : places),
  };
}

/** Images that are decoded whenever they are needed. */
function fileSamples(
  protocol: Protocol,
  folder: { root: string } & Record<"train" | "test", readonly ImageFile[]>,
): Samples {
  const imageView = protocolView(protocol);
  const { root } = folder;
  const labels = { train: labelsOf(folder.train), test: labelsOf(folder.test) };
  const trainIndices = subsetIndices(labels.train, protocol);
  const pixels: PixelSource = (split, rows, { training, key }) => {
    const indices = split === "train" ? rows.map((row) => trainIndices[row]!) : rows;
    return decodeImages({
      root,
      paths: Array.from(indices, (index) => folder[split][index]!.path),
      indices,
      key: training ? key : null,
      view: imageView,
    });
  };
  return {
    trainIndices,
    trainClasses: trainIndices.map((i) => labels.train[i]!),
    testClasses: labels.test,
    resident: null,
    pixels,
  };
}

const labelsOf = (files: readonly { label: number }[]) =>
  Int32Array.from(files, ({ label }) => label);
