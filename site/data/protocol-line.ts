/** @file A published protocol in one line: what a visitor wants to know before any of its fields. */

import { type DatasetName, trainedSamples } from "../../record/datasets.ts";
import type { Protocol } from "../../record/protocols.ts";
import { count } from "../charts/numbers.ts";

const DATA: Record<DatasetName, string> = {
  "fashion-mnist": "Fashion-MNIST",
  cifar10: "CIFAR-10",
  cifar100: "CIFAR-100",
  imagenet: "ImageNet",
};

/** What it is for, by name (README.md says the same). */
const PURPOSE: Record<string, string> = {
  "micro-1": "a run takes seconds to minutes",
  "cifar10-1": "the recipe of a wide residual network",
  "cifar100-1": "the recipe of a wide residual network",
  "imagenet-1": "the recipe of a vision transformer",
};

/** @example protocolLine(micro) // "2,500 images of CIFAR-10, 10 classes, 30 epochs; a run takes seconds to minutes." */
export function protocolLine(protocol: Protocol): string {
  const { name, dataset, classes, epochs } = protocol;
  const data = typeof dataset === "string" ? DATA[dataset] : "somebody's own data";
  const purpose = PURPOSE[name];
  const facts = `${count(trainedSamples(protocol))} images of ${data}, ${count(classes)} classes, ${count(epochs)} epochs`;
  return purpose === undefined ? `${facts}.` : `${facts}; ${purpose}.`;
}
