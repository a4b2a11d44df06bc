/** @file What must hold between the fields of a protocol, beyond each field's own bounds. */

import { DATASETS } from "./datasets.ts";
import type { ProtocolFields } from "./protocol-fields.ts";

export interface ProtocolProblem {
  path: string[];
  message: string;
}

/** Every broken rule, with the field to change. */
export function protocolProblems(protocol: ProtocolFields): ProtocolProblem[] {
  const rules: [holds: boolean, path: string, message: string][] = [
    ...splitRules(protocol),
    ...headRules(protocol),
    [
      protocol.learningRate.rampEpochs <= protocol.epochs,
      "learningRate.rampEpochs",
      `at most the ${protocol.epochs} epochs`,
    ],
    [allDiffer(protocol.panelSeeds), "panelSeeds", "every seed once"],
  ];
  return rules
    .filter(([holds]) => !holds)
    .map(([, path, message]) => ({ path: path.split("."), message }));
}

function splitRules(protocol: ProtocolFields): [boolean, string, string][] {
  const { dataset, classes, digests, image, normalize, subset, batch } = protocol;
  const facts = DATASETS[dataset];
  const samples = subset === null ? facts.trainSamples : subset.perClass * classes;
  return [
    [classes === facts.classes, "classes", `${dataset} has ${facts.classes}`],
    [
      image.channels === facts.image.channels,
      "image.channels",
      `${dataset} has ${facts.image.channels}`,
    ],
    [normalize.mean.length === image.channels, "normalize.mean", `${image.channels} numbers`],
    [normalize.std.length === image.channels, "normalize.std", `${image.channels} numbers`],
    [samples >= batch, "batch", `at most the ${samples} training images`],
    [
      (subset?.perClass ?? 0) <= (facts.perClass ?? Infinity),
      "subset.perClass",
      `${dataset} has ${facts.perClass} images of each class`,
    ],
    ...(["train", "test"] as const).map((split): [boolean, string, string] => [
      facts.digests[split] === null || digests[split] === facts.digests[split],
      `digests.${split}`,
      `of ${dataset} it is ${facts.digests[split]}`,
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
