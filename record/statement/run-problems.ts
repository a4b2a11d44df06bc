/** @file Can these counts be those of a whole run of this protocol? (trust.md section 4) */

import { parseArchitecture } from "../architecture.ts";
import { DATASETS } from "../datasets.ts";
import { headPlaces } from "../head-places.ts";
import { problemAt, type Path, type Problem } from "../problem.ts";
import type { Protocol } from "../protocol.ts";
import type { Run } from "../run.ts";
import { runProblems } from "../run-rules.ts";
import { tapCount } from "../taps.ts";
import { chanceProblems } from "./chance-rules.ts";
import { controlProblems } from "./control-rules.ts";
import { lossProblems } from "./loss-rules.ts";

/** Pointers go into the run. What depends on its shape is only looked at once that is right. */
export function wholeRunProblems(run: Run, protocol: Protocol): Problem[] {
  const shape = runProblems(run, protocol).map((text) => fromText(run, text));
  if (shape.length > 0) return shape;
  const length = lengthProblems(run, protocol);
  if (length.length > 0) return length;
  const taps = tapCount(parseArchitecture(run.arch));
  const spaces = headPlaces(protocol, taps).map(({ n }) => n);
  return [
    ...chanceProblems(run, spaces),
    ...lossProblems(run),
    ...controlProblems(run, protocol, taps),
  ];
}

/** `heads.3: more than 2500 correct`, as `runProblems` writes it; of several places the first. */
function fromText(run: Run, text: string): Problem {
  const at = text.indexOf(": ");
  const path = text.slice(0, at).split(",")[0]!.split(".");
  return problemAt(run, path, text.slice(at + 2));
}

/** A run that was cut off, or went on with other data, counts other samples. */
function lengthProblems(run: Run, { dataset, subset, classes, epochs, batch, clipNorm }: Protocol) {
  const facts = DATASETS[dataset];
  const trainSamples = subset === null ? facts.trainSamples : subset.perClass * classes;
  const steps = Math.floor(trainSamples / batch);
  const mostClipped = clipNorm === null ? 0 : steps;
  const rules: [holds: boolean, path: Path, rule: string][] = [
    [run.trainSamples === trainSamples, ["trainSamples"], `${trainSamples}`],
    [run.testSamples === facts.testSamples, ["testSamples"], `${facts.testSamples}`],
    [
      run.status === "diverged" || run.epochs.length === epochs,
      ["epochs"],
      `the protocol's ${epochs}, as the run is completed`,
    ],
    ...run.epochs.flatMap(({ seen, clipped }, i): [boolean, Path, string][] => [
      [seen === steps * batch, ["epochs", i, "seen"], `${steps} batches of ${batch}`],
      [clipped <= mostClipped, ["epochs", i, "clipped"], `at most ${mostClipped} steps`],
    ]),
  ];
  return rules
    .filter(([holds]) => !holds)
    .map(([, path, rule]): Problem => problemAt(run, path, rule));
}
