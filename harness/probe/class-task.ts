/** @file The class labels of a probe: what a linear read-out of the features is compared on. */

import { UserError } from "../errors.ts";
import type { LabelSet } from "../measure/ridge.ts";
import { classesOf, numbered, readLabels, type Classes, type Label } from "./class-labels.ts";

export interface ClassTask {
  classes: Classes;
  train: LabelSet;
  /** Null without test samples. */
  test: TestLabels | null;
}

export interface TestLabels extends LabelSet {
  /** As in their file. */
  found: readonly Label[];
}

/** Where the labels are; how many samples they belong to. */
export interface LabelFiles {
  labels: string | null;
  testLabels: string | null;
  samples: number;
  testSamples: number | null;
}

/** @returns null without labels. @throws UserError when a file is missing or does not fit its features. */
export function classTask(files: LabelFiles): ClassTask | null {
  const { labels, testLabels, samples, testSamples } = files;
  if ((testLabels === null) !== (testSamples === null))
    throw new UserError("--test-features and --test-labels belong together; one is missing.");
  if (labels === null) {
    if (testLabels === null) return null;
    throw new UserError(
      "--test-labels need --labels: the classes are learnt on the training samples.",
    );
  }
  const read = readLabels(labels, samples);
  const classes = classesOf(labels, read);
  const n = classes.length;
  const found = testLabels === null ? null : readLabels(testLabels, testSamples!);
  return {
    classes,
    train: { n, labels: numbered(read, classes) },
    test: found && { n, labels: numbered(found, classes), found },
  };
}
