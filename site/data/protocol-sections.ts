/** @file A protocol's document as tables: every field in words, with what it decides. */

import type { Protocol } from "../../record/protocols.ts";
import { datasetLabel, splitSizes, trainedSamples } from "../../record/datasets.ts";
import { cloudOfWidth, nullAccuracy } from "../../record/statistics/null-accuracy.ts";
import { count, plural } from "../charts/numbers.ts";

interface ProtocolSection {
  title: string;
  fields: readonly ProtocolField[];
}

export function protocolSections(protocol: Protocol): ProtocolSection[] {
  return [
    { title: "Data", fields: dataFields(protocol) },
    { title: "Training", fields: trainingFields(protocol) },
    { title: "Random labels and measures", fields: headFields(protocol) },
    { title: "Seeds, challenges, reproductions", fields: trustFields(protocol) },
  ];
}

/** One field of a protocol's document as a row of a table. */
interface ProtocolField {
  /** Dotted path into the document; it stands for everything below it. */
  path: string;
  /** In words. */
  value: string;
  /** What it decides, in a sentence. */
  help: string;
}

function field(path: string, value: string, help: string): ProtocolField {
  return { path, value, help };
}

/** What a network is trained on. */
function dataFields(protocol: Protocol): ProtocolField[] {
  const { dataset, classes, image, subset, digests, normalize } = protocol;
  const all = splitSizes(dataset).trainSamples;
  const used =
    subset === null
      ? `all ${count(all)}`
      : `${count(subset.perClass)} of each class, ${count(subset.perClass * classes)} of ${count(all)}`;
  const size = `${image.height} × ${image.width}, ${image.channels === 1 ? "grey" : `${image.channels} channels`}`;
  const pinned = (digest: string | null) => digest ?? "not pinned: computed on first use";
  return [
    field(
      "dataset",
      datasetLabel(protocol),
      "The data set; it is fetched and checked by the harness.",
    ),
    field("classes", count(classes), "Classes of the real task."),
    field("image", size, "Height, width and channels as the network sees them."),
    field(
      "subset",
      used,
      "Training images used: the first of each class in the official order. Test images are always all.",
    ),
    field(
      "digests.train",
      pinned(digests.train),
      "SHA-256 of all decoded training images and labels, in official order.",
    ),
    field("digests.test", pinned(digests.test), "The same of the test images and labels."),
    field(
      "normalize.mean",
      write.list(normalize.mean),
      "Subtracted from each channel, pixels from 0 to 1.",
    ),
    field("normalize.std", write.list(normalize.std), "Each channel is divided by it."),
    field(
      "view",
      write.view(protocol.view),
      "How an image is seen without augmentation; in evaluation always.",
    ),
    field(
      "augmentation",
      write.augmentation(protocol.augmentation),
      "What the regularizer aug does to a training image.",
    ),
    field(
      "cutoutProbability",
      write.share(protocol.cutoutProbability),
      "Chance of an image to lose its square, where cutout= is given.",
    ),
  ];
}

/** How the network is trained. */
function trainingFields(protocol: Protocol): ProtocolField[] {
  const { learningRate, clipNorm, recipe, initialization, batchNorm, layerNorm } = protocol;
  return [
    field(
      "epochs",
      count(protocol.epochs),
      "Passes over the training images; there is no early stopping.",
    ),
    field(
      "evaluateEvery",
      protocol.evaluateEvery === null
        ? "at the end only"
        : `every ${plural(protocol.evaluateEvery, "epoch")}`,
      "When test accuracy is measured.",
    ),
    field(
      "batch",
      count(protocol.batch),
      "Images in a step. A last partial batch is dropped in training.",
    ),
    field("optimizer", write.optimizer(protocol.optimizer), "Of trunk and class head."),
    field("learningRate.peak", write.text(learningRate.peak), "Highest learning rate."),
    field(
      "learningRate.rampEpochs",
      plural(learningRate.rampEpochs, "epoch"),
      "Linear rise to the peak, step by step.",
    ),
    field(
      "learningRate.decay",
      learningRate.decay,
      "Half a cosine over the whole training, down to zero; it multiplies the rise.",
    ),
    field(
      "clipNorm",
      clipNorm === null ? "not clipped" : write.text(clipNorm),
      "Largest joint norm of the gradients of trunk and class head.",
    ),
    field(
      "recipe",
      recipe === null ? "not allowed here" : write.recipe(recipe),
      "What the regularizer recipe stands for.",
    ),
    field("initialization.dense", initialization.dense, "Weights of dense layers at the start."),
    field("initialization.convolution", initialization.convolution, "Weights of convolutions."),
    field(
      "initialization.residualConvolution",
      initialization.residualConvolution,
      "Weights of convolutions in residual networks.",
    ),
    field("initialization.bias", initialization.bias, "Every bias."),
    field(
      "initialization.classHead",
      initialization.classHead,
      "Weights of the class head on D features.",
    ),
    field(
      "initialization.randomLabelHead",
      initialization.randomLabelHead,
      "Weights of the random-label heads: before training they guess.",
    ),
    field(
      "batchNorm",
      `momentum ${batchNorm.momentum}, ε ${batchNorm.epsilon}`,
      "Share of each batch in the running statistics, and what keeps a variance from zero.",
    ),
    field("layerNorm", `ε ${layerNorm.epsilon}`, "The same for LayerNorm."),
  ];
}

/** What the random-label heads are, and what is measured at the end. */
function headFields(protocol: Protocol): ProtocolField[] {
  const { headline, headRms, headOptimizer, measures } = protocol;
  return [
    field(
      "heads",
      write.heads(protocol.heads),
      "Sizes n of the label space, independent draws of the labels, and which taps are read.",
    ),
    field(
      "headline",
      `n = ${count(headline)}`,
      "Label space of the learned complexity and the capacity on the board, and the one that rl= acts on.",
    ),
    field(
      "headInput",
      "features / root mean square",
      "What a head reads: the scale of features is no hidden learning rate.",
    ),
    field(
      "headRms",
      `decay ${headRms.decay}, ε ${headRms.epsilon}`,
      "v ← decay · v + (1 − decay) · mean of z²; the head reads z / √(v + ε).",
    ),
    field(
      "headOptimizer",
      `SGD, momentum ${headOptimizer.momentum}`,
      "Of the heads alone: the same schedule, no weight decay, no clipping.",
    ),
    field(
      "frozenHeads",
      protocol.frozenHeads ? `yes, at the last tap and n = ${count(headline)}` : "none",
      "A second set of the same heads that reads the trunk as it was before training, from the same batches in the same steps.",
    ),
    field(
      "measures.refit.penalty",
      write.text(measures.refit.penalty),
      "Of the ridge regression on the final features, and on those of the frozen trunk.",
    ),
    field(
      "measures.refit.largestN",
      `n = ${count(measures.refit.largestN)}`,
      "Largest label space that is refitted, besides the headline's, which always is.",
    ),
    field(
      "measures.refit.redraws",
      plural(measures.refit.redraws, "labelling"),
      "Capacity is the mean over so many labellings that no head ever met.",
    ),
    field(
      "measures.refit.permutations",
      measures.refit.permutations === 0
        ? "none: selectivity is not measured"
        : plural(measures.refit.permutations, "labelling"),
      "Labellings that no head ever met, among which the one that the heads were told is ranked: selectivity.",
    ),
    field(
      "measures.spectrum",
      write.list(measures.spectrum.penalties),
      "Penalties at which the features' ridge dimension is reported.",
    ),
  ];
}

/** What a submission needs, and when a reproduction agrees. */
function trustFields(protocol: Protocol): ProtocolField[] {
  const { tolerance, panelSeeds, freshSeeds, challengeDays, minimumHarness } = protocol;
  return [
    field(
      "panelSeeds",
      write.list(panelSeeds),
      "Public seeds, the same for everybody, so that entries compare seed by seed.",
    ),
    field(
      "freshSeeds",
      String(freshSeeds),
      "Seeds that a challenge issues once the configuration is committed to.",
    ),
    field(
      "challengeDays",
      plural(challengeDays, "day"),
      "Time to answer a challenge before it expires.",
    ),
    field(
      "tolerance.learnedComplexity",
      write.tolerance(tolerance.learnedComplexity),
      "A reproduction agrees when the 90 % interval of the difference lies within the tolerance: three standard " +
        "deviations of the entry's runs or a tenth of its value, whichever is more, but never below the floor nor above the " +
        "cap. It disagrees when the interval lies wholly outside; else it is inconclusive.",
    ),
    field("tolerance.capacity", write.tolerance(tolerance.capacity), "The same for capacity."),
    field(
      "tolerance.testAccuracy",
      write.tolerance(tolerance.testAccuracy),
      "The same for test accuracy.",
    ),
    field("minimumHarness", minimumHarness, "Results of older versions are refused."),
  ];
}

const percentOf = (value: number) => Number((100 * value).toPrecision(6));
const share = (value: number) => `${percentOf(value)} %`;
const list = (values: readonly (number | string)[]) => values.join(", ");

/** A protocol's values in words. */
const write = {
  text: String,
  count,
  share,
  list,
  tolerance: ({ cap, floor }: { cap: number; floor: number }) =>
    `floor ${percentOf(floor)}, cap ${percentOf(cap)} points`,

  optimizer(optimizer: Protocol["optimizer"]): string {
    if (optimizer.kind === "sgd")
      return `SGD, momentum ${optimizer.momentum}, weight decay coupled`;
    const { betas, epsilon } = optimizer;
    return `AdamW, β ${list(betas)}, ε ${epsilon}, weight decay decoupled`;
  },

  augmentation(augmentation: Protocol["augmentation"]): string {
    const flip = `mirrored with probability ${augmentation.flip}`;
    if (augmentation.kind === "flip-crop")
      return `${flip}, cropped at random after ${augmentation.pad} pixels of zeros on each side`;
    const { area, aspect } = augmentation;
    return `${flip}, a random cut of ${share(area[0])} to ${share(area[1])} of the area, aspect ratio ${aspect.map((value) => Number(value.toFixed(3))).join(" to ")}`;
  },

  view(view: Protocol["view"]): string {
    return view.kind === "whole"
      ? "the whole image"
      : `shorter side resized to ${view.shorterSide}, then the middle`;
  },

  heads(heads: Protocol["heads"]): string {
    return heads
      .map(
        ({ n, draws, taps }) =>
          `n = ${count(n)}: ${plural(draws, "draw")} at ${taps === "all" ? "every tap" : "the last tap"}`,
      )
      .join("; ");
  },

  recipe({ weightDecay, augment, cutout }: NonNullable<Protocol["recipe"]>): string {
    const parts = [`wd=${weightDecay}`, augment && "aug", cutout > 0 && `cutout=${cutout}`];
    return parts.filter(Boolean).join(",");
  },
};

interface NullLine {
  /** Features of the last tap. */
  width: number;
  /** An architecture whose last tap is as wide. */
  arch: string;
  /** Share of random labels that ridge regression gives back of a shapeless cloud of this width. */
  accuracy: number;
}

const WIDE_AS: readonly [width: number, arch: string][] = [
  [64, "cnn-16"],
  [192, "vit-ti"],
  [256, "wrn-16-4"],
  [384, "vit-s"],
  [512, "resnet-18"],
  [768, "vit-b"],
];

/** What width and number of samples alone give at the headline n (method.md section 4). */
export function headlineNull(protocol: Protocol): NullLine[] {
  const { headline } = protocol;
  const samples = trainedSamples(protocol);
  return WIDE_AS.map(([width, arch]) => ({
    width,
    arch,
    accuracy: nullAccuracy(samples, headline, cloudOfWidth(width, samples)),
  }));
}

const NAME = /^(.*)-(\d+)$/;

/** The one with the next lower number; null for the first of its name. */
export function previousProtocol(protocol: Protocol, all: readonly Protocol[]): Protocol | null {
  const own = NAME.exec(protocol.name);
  if (own === null) return null;
  const number = ({ name }: Protocol) => Number(NAME.exec(name)?.[2]);
  const older = all.filter(
    (each) => NAME.exec(each.name)?.[1] === own[1] && number(each) < Number(own[2]),
  );
  return older.toSorted((a, b) => number(b) - number(a))[0] ?? null;
}

interface ProtocolChange extends ProtocolField {
  before: string;
}

/** Fields that read differently, in the order of the tables. */
export function protocolChanges(before: Protocol, after: Protocol): ProtocolChange[] {
  const [old, now] = [before, after].map((each) =>
    protocolSections(each).flatMap(({ fields }) => fields),
  );
  const values = new Map(old!.map(({ path, value }) => [path, value]));
  return now!
    .map((each) => ({ ...each, before: values.get(each.path) ?? "–" }))
    .filter(({ before: was, value }) => was !== value);
}
