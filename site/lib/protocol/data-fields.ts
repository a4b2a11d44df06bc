/** @file What a network is trained on. */

import { DATASETS } from "../../../record/datasets.ts";
import type { Protocol } from "../../../record/protocols.ts";
import { count } from "../numbers.ts";
import { type ProtocolField, field } from "./field.ts";
import { write } from "./write.ts";

export function dataFields(protocol: Protocol): ProtocolField[] {
  const { dataset, classes, image, subset, digests, normalize } = protocol;
  const all = DATASETS[dataset].trainSamples;
  const used =
    subset === null
      ? `all ${count(all)}`
      : `${count(subset.perClass)} of each class, ${count(subset.perClass * classes)} of ${count(all)}`;
  const size = `${image.height} × ${image.width}, ${image.channels === 1 ? "grey" : `${image.channels} channels`}`;
  const pinned = (digest: string | null) => digest ?? "not pinned: computed on first use";
  return [
    field("dataset", dataset, "The data set; it is fetched and checked by the harness."),
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
