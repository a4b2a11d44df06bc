/** @file A configuration: with protocol and seed, all that decides a run's numbers (`config.json`). */

import { z } from "zod";
import {
  type Architecture,
  architectureName,
  parseArchitecture,
  tapNames,
  tapsOf,
} from "./architecture.ts";
import { CustomCode, NO_CUSTOM_CODE, codeProblems } from "./custom-code.ts";
import { Device, trainedSamples } from "./datasets.ts";
import { type Protocol, protocolId, protocols } from "./protocols.ts";
import { type Problem, RecordError, nameProblem } from "./problem.ts";
import {
  CANARY_COPIES,
  NO_REGULARIZERS,
  type Regularizers,
  formatRegularizers,
  parseRegularizers,
} from "./regularizers.ts";
import { Digest } from "./run.ts";
import { canonicalJson } from "./canonical-json.ts";
import { headPlaces } from "./head-places.ts";

/** Departures from the method (method.md section 2). Any of them keeps a run off the boards. */
export const Ablations = z.strictObject({
  headInput: z.enum(["rms", "raw"]),
  headLayers: z.literal([1, 2]),
  /** W24: a head has an n-slice for each class. */
  perClass: z.boolean(),
});

export type Ablations = z.infer<typeof Ablations>;
export const NO_ABLATIONS: Ablations = { headInput: "rms", headLayers: 1, perClass: false };

/** Of one configuration. */
export const MOST_SEEDS = 10_000;

export const Configuration = z.strictObject({
  /** The protocol's name; its id decides. */
  protocol: z.string().max(64),
  protocolId: Digest,
  /** Canonical, as `architectureName` and `formatRegularizers` write them. */
  arch: z.string().max(200),
  regs: z.string().max(200),
  seeds: z.array(z.int().min(0)).min(1).max(MOST_SEEDS),
  /** Threads of one run. They can change the low bits of sums, so a resumed run keeps its number. */
  threads: z.int().min(1).max(1024),
  engine: Device,
  /** Epochs after which the unchanged schedule is cut off, for a trial that cannot be submitted. */
  limit: z.int().min(1).nullable(),
  save: z.array(z.enum(["features", "per-sample"])).max(2),
  /** Whether runs carry `RunMeasures`. Changes no other number. */
  measures: z.boolean().default(false),
  ablations: Ablations,
  ...CustomCode.shape,
  source: CustomCode.shape.source.default(null),
});

export type Configuration = z.infer<typeof Configuration>;

/** What a person chose, before it is written canonically. */
export type Choice = Omit<
  Configuration,
  "protocol" | "protocolId" | "measures" | keyof CustomCode
> &
  Partial<CustomCode & Pick<Configuration, "measures">>;

/**
 * The complete, canonical document of a choice: two choices that train the same way give the same document.
 *
 * @throws RecordError for names that do not parse, and for what does not go together (no recipe in this
 * protocol, no head at the tap of `rl=`, patches that do not tile the image, a custom name without its source).
 */
export function canonicalConfiguration(protocol: Protocol, choice: Choice): Configuration {
  const arch = parseArchitecture(choice.arch);
  const regs = parseRegularizers(choice.regs);
  const code = { ...NO_CUSTOM_CODE, ...choice };
  const foreign = codeProblems(arch, regs, code).map(({ problem }) => problem);
  if (foreign.length > 0) throw new RecordError(foreign);
  const taps = tapNames(arch, code.customTaps).length;
  const problems = [
    ...regularizerProblems(regs, arch, taps, protocol),
    ...imageProblems(arch, protocol),
    ...featureProblems(arch, regs, protocol),
  ];
  if (problems.length > 0) throw new RecordError(problems);
  return Configuration.parse({
    ...code,
    protocol: protocol.name,
    protocolId: protocolId(protocol),
    arch: architectureName(arch),
    regs: formatRegularizers(canonicalRegularizers(regs, taps, protocol)),
    seeds: [...new Set(choice.seeds)],
    save: [...new Set(choice.save)].sort(),
  });
}

/** Replaces `recipe` by what it stands for in this protocol, as training needs it. */
export function expandRecipe(regularizers: Regularizers, protocol: Protocol): Regularizers {
  if (!regularizers.recipe) return regularizers;
  if (protocol.recipe === null) throw new RecordError([noRecipe(protocol)]);
  return { ...regularizers, ...protocol.recipe, recipe: false };
}

/** One spelling: the recipe's own values are `recipe`, the last tap's number is not written. */
function canonicalRegularizers(
  regularizers: Regularizers,
  taps: number,
  protocol: Protocol,
): Regularizers {
  const { randomLabel, ...rest } = regularizers;
  const tap = randomLabel.tap === taps ? null : randomLabel.tap;
  const named = { ...rest, randomLabel: { ...randomLabel, tap } };
  const { recipe } = protocol;
  const isRecipe =
    recipe !== null &&
    named.weightDecay === recipe.weightDecay &&
    named.augment === recipe.augment &&
    named.cutout === recipe.cutout;
  if (!isRecipe) return named;
  const { weightDecay, augment, cutout } = NO_REGULARIZERS;
  return { ...named, recipe: true, weightDecay, augment, cutout };
}

function regularizerProblems(
  { recipe, cutout, canary, randomLabel }: Regularizers,
  arch: Architecture,
  taps: number,
  protocol: Protocol,
): Problem[] {
  const tap = randomLabel.tap ?? taps;
  const everywhere = protocol.heads.find(({ n }) => n === protocol.headline)?.taps === "all";
  const side = Math.min(protocol.image.height, protocol.image.width);
  const samples = trainedSamples(protocol);
  const canaries = Math.floor(samples / (2 * CANARY_COPIES));
  const [last, rl] = [`${protocol.name} has heads at the last tap (${taps}) only`, `rl=...@${tap}`];
  const rules: [holds: boolean, problem: Problem][] = [
    [!recipe || protocol.recipe !== null, noRecipe(protocol)],
    [
      cutout <= side,
      nameProblem("cutout", `cutout=${cutout}`, `at most the image's side of ${side}`),
    ],
    [
      canary <= canaries,
      nameProblem(
        "canary",
        `canary=${canary}`,
        `at most ${canaries}: ${CANARY_COPIES} copies of each take no more than half of the ${samples} training samples`,
      ),
    ],
    [tap <= taps, nameProblem("tap", rl, `${architectureName(arch)} has taps 1 to ${taps}`)],
    [tap >= taps || everywhere, nameProblem("tap", rl, last)],
  ];
  return rules.filter(([holds]) => !holds).map(([, problem]) => problem);
}

function noRecipe({ name }: Protocol): Problem {
  const rule = `${name} has none; write its parts, such as wd=0.005,aug`;
  return nameProblem("no-recipe", "recipe", rule);
}

function imageProblems(arch: Architecture, { image, name }: Protocol): Problem[] {
  if (!("patch" in arch) || (image.height % arch.patch === 0 && image.width % arch.patch === 0))
    return [];
  const shape = `${image.height} x ${image.width}`;
  const rule = `patches of ${arch.patch} do not tile ${name}'s ${shape} images`;
  return [nameProblem("patch", architectureName(arch), rule)];
}

/** Features of somebody's own have no neighbours to convolve, crop or cut, by the recipe's name either. */
function featureProblems(
  arch: Architecture,
  regularizers: Regularizers,
  protocol: Protocol,
): Problem[] {
  if (protocol.image.height * protocol.image.width > 1) return [];
  const { recipe } = regularizers;
  const isKnown = protocol.recipe !== null;
  const { augment, cutout, cutmix } = isKnown ? expandRecipe(regularizers, protocol) : regularizers;
  const about = "the samples are features, 1 x 1 pixels";
  const named = (key: string) => (recipe ? `recipe (${key})` : key);
  const rules: [holds: boolean, problem: Problem][] = [
    [
      arch.family === "mlp" || arch.family === "custom",
      nameProblem("features", architectureName(arch), `${about}; use mlp-W`),
    ],
    [!augment, nameProblem("features", named("aug"), `${about}, which cannot be cropped`)],
    [
      cutout === 0,
      nameProblem(
        "features",
        named(`cutout=${cutout}`),
        `${about}: a square cut out of one is all of it; dropout= leaves out a part`,
      ),
    ],
    [
      cutmix === 0,
      nameProblem(
        "features",
        `cutmix=${cutmix}`,
        `${about}: a part of one is all of it or nothing; mixup= mixes two`,
      ),
    ],
  ];
  return rules.filter(([holds]) => !holds).map(([, problem]) => problem);
}

/** Why results of this configuration cannot be submitted; empty when they can. */
export function unsubmittable(
  configuration: Configuration,
  { dataset }: Pick<Protocol, "dataset">,
): string[] {
  const published = Object.values(protocols).find(
    (protocol) => protocolId(protocol) === configuration.protocolId,
  );
  const missing = published?.panelSeeds.filter((seed) => !configuration.seeds.includes(seed)) ?? [];
  const reasons: [applies: boolean, reason: string][] = [
    [
      typeof dataset !== "string",
      "it is trained on data of one's own, which nobody else could train on to check it",
    ],
    [
      published === undefined && typeof dataset === "string",
      `${configuration.protocol} is not a published protocol`,
    ],
    [configuration.limit !== null, `cut off after ${configuration.limit} epochs`],
    [
      canonicalJson(configuration.ablations) !== canonicalJson(NO_ABLATIONS),
      "its random-label heads depart from the method",
    ],
    [missing.length > 0, `panel seeds ${missing.join(", ")} are missing`],
    ...(published === undefined ? [] : [sizeReason(configuration, published)]),
  ];
  return reasons.filter(([applies]) => applies).map(([, reason]) => reason);
}

/**
 * A request holds 512 kB and 250,000 values (trust.md section 6). Nearly all of a long result are its counts of every
 * head in every epoch, about two bytes each in gzip; a tenth is left for sources and the rest.
 */
const MOST_COUNTS = 200_000;

function sizeReason(
  configuration: Configuration,
  protocol: Protocol,
): [applies: boolean, reason: string] {
  const taps = tapsOf(configuration).length;
  const runs = protocol.panelSeeds.length + protocol.freshSeeds;
  const perHead = runs * protocol.epochs;
  const heads = headPlaces(protocol, taps).length;
  const most = Math.floor(MOST_COUNTS / perHead);
  const reason =
    `its ${taps} taps carry ${heads} random-label heads, and the counts of ${runs} runs of ${protocol.epochs} epochs ` +
    `would be more than a server takes in one request (at most ${most} heads): declare fewer taps`;
  return [heads > most, reason];
}
