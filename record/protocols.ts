/** @file The published protocols, their ids, and how one is found. */

import { z } from "zod";
import { canonicalDigest, isShortId } from "./canonical-json.ts";
import { RecordError, didYouMean, nameProblem } from "./problem.ts";
import cifar10 from "./protocols/cifar10-1.json" with { type: "json" };
import cifar100 from "./protocols/cifar100-1.json" with { type: "json" };
import imagenet from "./protocols/imagenet-1.json" with { type: "json" };
import micro from "./protocols/micro-1.json" with { type: "json" };
import {
  DATASETS,
  type DatasetName,
  ProtocolDataset,
  splitSizes,
  trainedSamples,
} from "./datasets.ts";
import { FORMER, isFormerProtocol } from "./former-version.ts";
import { Digest } from "./run.ts";

const size = (max: number) => z.int().min(1).max(max);
const share = z.number().min(0).max(1);
const positive = z.number().positive();

/** Weight decay is coupled (added to the gradient) for SGD, decoupled for AdamW. */
const Optimizer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("sgd"), momentum: share }),
  z.strictObject({
    kind: z.literal("adamw"),
    betas: z.tuple([share, share]),
    epsilon: positive,
  }),
]);

/** What `aug` does to a training image. */
const Augmentation = z.discriminatedUnion("kind", [
  /** Mirrored with probability `flip`; cropped at random from the normalized image padded with zeros. */
  z.strictObject({ kind: z.literal("flip-crop"), flip: share, pad: z.int().min(0).max(64) }),
  /** RandomResizedCrop: area and aspect ratio of the cut drawn from these ranges. */
  z.strictObject({
    kind: z.literal("flip-resized-crop"),
    flip: share,
    area: z.tuple([share, share]),
    aspect: z.tuple([positive, positive]),
  }),
]);

/** How an image is seen without augmentation, in evaluation always. */
const View = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("whole") }),
  /** The shorter side resized to this, then the middle. */
  z.strictObject({ kind: z.literal("center-crop"), shorterSide: size(4096) }),
]);

/** `draws` independent labellings over n labels, predicted from every tap or from the last. */
const HeadPlan = z.strictObject({
  n: z.int().min(2).max(1_000_000),
  draws: size(64),
  taps: z.enum(["all", "last"]),
});

/** The largest and the least difference that is ever tolerated, as shares; 0 < floor <= cap. */
const Tolerance = z.strictObject({ cap: share, floor: positive.max(1) });

const Initialization = z.strictObject({
  dense: z.literal("he-normal-fan-in"),
  convolution: z.literal("he-normal-fan-in"),
  /** Convolutions of residual networks. */
  residualConvolution: z.literal("he-normal-fan-out"),
  bias: z.literal("zero"),
  /** Standard deviation 1/sqrt(D). */
  classHead: z.literal("normal-1/sqrt(D)"),
  randomLabelHead: z.literal("zero"),
});

/** What is measured at the end (method.md section 4). */
const Measures = z.strictObject({
  refit: z.strictObject({
    /** Ridge penalty. */
    penalty: positive,
    /** The largest label space, besides the headline's, that refits are made for. */
    largestN: z.int().min(2),
    /** K, the labellings that capacity is the mean over: redraws 0..K-1. */
    redraws: size(64),
    /** Redraws 0..permutations-1 that the told labelling is ranked among; 0: selectivity is not measured. */
    permutations: z.int().min(0).max(999),
  }),
  spectrum: z.strictObject({ penalties: z.array(positive).min(1).max(16) }),
});

/** The fields of a protocol, each with its own bounds. */
export const ProtocolFields = z.strictObject({
  /** An alias, with `+custom` at its end when derived. Boards go by the id. */
  name: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*(\+custom)?$/)
    .max(64),
  dataset: ProtocolDataset,
  /** Digests of the full splits as decoded; null: not pinned. */
  digests: z.strictObject({ train: Digest.nullable(), test: Digest.nullable() }),
  classes: z.int().min(2).max(65_536),
  /** As the network sees it. */
  image: z.strictObject({ height: size(4096), width: size(4096), channels: size(4096) }),
  /** The first `perClass` training images of each class in official order; null: all. */
  subset: z.strictObject({ perClass: size(1_000_000) }).nullable(),
  epochs: size(100_000),
  batch: size(65_536),
  optimizer: Optimizer,
  /** peak * min(1, (t+1)/(rampEpochs S)) * (1 + cos(pi t/T))/2 at step t of T, S steps an epoch. */
  learningRate: z.strictObject({
    peak: positive.max(100),
    rampEpochs: z.number().min(0),
    decay: z.literal("cosine"),
  }),
  /** Largest joint norm of the gradients of trunk and class head; null: not clipped. */
  clipNorm: positive.nullable(),
  normalize: z.strictObject({ mean: z.array(z.number()), std: z.array(positive) }),
  view: View,
  augmentation: Augmentation,
  /** Probability that an image loses its square, where `cutout=` is given. */
  cutoutProbability: share,
  heads: z.array(HeadPlan).min(1).max(16),
  /** The n of the headline numbers, and the n that `rl=` acts on. */
  headline: z.int().min(2),
  /** A head reads z / sqrt(v + epsilon), v <- decay v + (1 - decay) mean(z^2). */
  headInput: z.literal("rms"),
  headRms: z.strictObject({ decay: share, epsilon: positive }),
  headOptimizer: z.strictObject({ kind: z.literal("sgd"), momentum: share }),
  /** Does a second set of the heads at the last tap and the headline n read the trunk as it was at initialization? */
  frozenHeads: z.boolean(),
  initialization: Initialization,
  batchNorm: z.strictObject({ momentum: share, epsilon: positive }),
  layerNorm: z.strictObject({ epsilon: positive }),
  /** What the regularizer `recipe` stands for; null: it is not allowed here. */
  recipe: z
    .strictObject({
      weightDecay: z.number().min(0).max(1),
      augment: z.boolean(),
      cutout: z.int().min(0).max(224),
    })
    .nullable(),
  panelSeeds: z.array(z.int().min(0)).min(1).max(64),
  freshSeeds: z.int().min(0).max(64),
  challengeDays: size(366),
  /** Epochs between two evaluations of the class task during training; null: at the end only. */
  evaluateEvery: size(100_000).nullable(),
  /**
   * How far a reproduction's mean may lie from the entry's: min(cap, max(3 sd, .1 |value|, floor)), by an equivalence
   * test (trust.md section 4).
   */
  tolerance: z.strictObject({
    learnedComplexity: Tolerance,
    capacity: Tolerance,
    testAccuracy: Tolerance,
  }),
  minimumHarness: z.string().regex(/^\d+\.\d+\.\d+$/),
  measures: Measures,
});

/** The closed schema, with the rules that hold between fields. */
export const Protocol = ProtocolFields.superRefine((protocol, context) => {
  for (const { path, message } of protocolProblems(protocol))
    context.addIssue({ code: "custom", path, message });
});

/** The published protocols by alias; boards go by id. */
export const protocols: Readonly<Record<string, Protocol>> = Object.fromEntries(
  [micro, cifar10, cifar100, imagenet].map((document) => {
    const protocol = Protocol.parse(document);
    return [protocol.name, protocol];
  }),
);

/** SHA-256, in hexadecimal, of the RFC 8785 form of the whole document. */
export function protocolId(protocol: Protocol): string {
  const known = ids.get(protocol);
  if (known !== undefined) return known;
  const id = canonicalDigest(protocol);
  ids.set(protocol, id);
  return id;
}

/** A document never changes: another protocol is another document. */
const ids = new WeakMap<Protocol, string>();

/**
 * What a person calls a protocol: as `findProtocol`, and by the first digits of an id where they name one alone.
 *
 * @throws RecordError likewise.
 */
export function namedProtocol(name: string, among = Object.values(protocols)): Protocol {
  const digits = name.toLowerCase();
  const candidates = isShortId(digits)
    ? among.filter((protocol) => protocolId(protocol).startsWith(digits))
    : [];
  if (candidates.length > 1) {
    const rule = `the beginning of several ids (${candidates.map(protocolId).join(", ")}); give more of the one that is meant`;
    throw new RecordError([nameProblem("ambiguous-id", name, rule)]);
  }
  return candidates[0] ?? findProtocol(name);
}

/** @throws RecordError for what is neither a published alias nor the id of one. */
export function findProtocol(nameOrId: string): Protocol {
  const found =
    (Object.hasOwn(protocols, nameOrId) && protocols[nameOrId]) ||
    Object.values(protocols).find((protocol) => protocolId(protocol) === nameOrId);
  if (found) return found;
  if (isFormerProtocol(nameOrId))
    throw new RecordError([nameProblem("former-protocol", nameOrId, FORMER)]);
  const aliases = Object.keys(protocols);
  const rule = `no such protocol (${aliases.join(", ")})${didYouMean(nameOrId, aliases)}`;
  throw new RecordError([nameProblem("unknown-protocol", nameOrId, rule)]);
}

export type Protocol = ProtocolFields;

export type ProtocolFields = z.infer<typeof ProtocolFields>;

/** What must hold between the fields of a protocol, beyond each field's own bounds. */
interface ProtocolProblem {
  path: string[];
  message: string;
}

/** Every broken rule, with the field to change. */
function protocolProblems(protocol: ProtocolFields): ProtocolProblem[] {
  const { redraws, permutations } = protocol.measures.refit;
  const rules: [holds: boolean, path: string, message: string][] = [
    ...splitRules(protocol),
    ...headRules(protocol),
    [
      protocol.learningRate.rampEpochs <= protocol.epochs,
      "learningRate.rampEpochs",
      `at most the ${protocol.epochs} epochs`,
    ],
    [allDiffer(protocol.panelSeeds), "panelSeeds", "every seed once"],
    [
      permutations === 0 || permutations >= redraws,
      "measures.refit.permutations",
      `0, or at least the ${redraws} redraws`,
    ],
    ...toleranceRules(protocol),
  ];
  return rules
    .filter(([holds]) => !holds)
    .map(([, path, message]) => ({ path: path.split("."), message }));
}

function toleranceRules({ tolerance }: ProtocolFields): [boolean, string, string][] {
  return Object.entries(tolerance).map(([name, { cap, floor }]) => [
    floor <= cap,
    `tolerance.${name}.floor`,
    `at most the cap ${cap}`,
  ]);
}

function splitRules(protocol: ProtocolFields): [boolean, string, string][] {
  const { dataset, image, normalize, subset, batch } = protocol;
  const samples = trainedSamples(protocol);
  const { perClass } = splitSizes(dataset);
  const least = perClass ?? Infinity;
  const whose = typeof dataset === "string" ? dataset : "the smallest class";
  return [
    ...(typeof dataset === "string" ? publishedRules(dataset, protocol) : localRules(protocol)),
    [normalize.mean.length === image.channels, "normalize.mean", `${image.channels} numbers`],
    [normalize.std.length === image.channels, "normalize.std", `${image.channels} numbers`],
    [samples >= batch, "batch", `at most the ${samples} training images`],
    [
      (subset?.perClass ?? 0) <= least,
      "subset.perClass",
      `${whose} has ${perClass} images${typeof dataset === "string" ? " of each class" : ""}`,
    ],
  ];
}

/** A published data set is what it is; images that are read from a folder are cut to any size. */
function publishedRules(
  dataset: DatasetName,
  { classes, digests, image }: ProtocolFields,
): [boolean, string, string][] {
  const facts = DATASETS[dataset];
  const sides = dataset === "imagenet" ? [] : (["height", "width"] as const);
  return [
    [classes === facts.classes, "classes", `${dataset} has ${facts.classes}`],
    ...[...sides, "channels" as const].map((side): [boolean, string, string] => [
      image[side] === facts.image[side],
      `image.${side}`,
      `${dataset} has ${facts.image[side]}`,
    ]),
    ...(["train", "test"] as const).map((split): [boolean, string, string] => [
      facts.digests[split] === null || digests[split] === facts.digests[split],
      `digests.${split}`,
      `of ${dataset} it is ${facts.digests[split]}`,
    ]),
  ];
}

function localRules({ dataset, classes, digests }: ProtocolFields): [boolean, string, string][] {
  const { trainSamples } = splitSizes(dataset);
  return [
    [classes <= trainSamples, "classes", `at most the ${trainSamples} training samples`],
    ...(["train", "test"] as const).map((split): [boolean, string, string] => [
      digests[split] !== null,
      `digests.${split}`,
      "local data are known by their digests",
    ]),
  ];
}

function headRules({ heads, headline }: ProtocolFields): [boolean, string, string][] {
  const spaces = heads.map(({ n }) => n);
  const draws = heads.find(({ n }) => n === headline)?.draws;
  return [
    [allDiffer(spaces), "heads", "every n once"],
    [draws !== undefined, "headline", `one of the heads' n: ${spaces.join(", ")}`],
    [
      draws === undefined || draws >= 2,
      "heads",
      `two draws at the headline n = ${headline}, as rl= acts on the first`,
    ],
  ];
}

function allDiffer(values: readonly number[]): boolean {
  return new Set(values).size === values.length;
}
