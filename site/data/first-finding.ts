/** @file Which finding the first page shows: a rule that was fixed before any verdict stood, and that looks at no outcome. */

import type { Findings, Verdict } from "../../record/replication/findings.ts";

/**
 * Claims and questions, the latter as what a yes would say, for somebody who has read nothing yet. What can be used when
 * training comes first (does suppressing random labels help?), then what lowers the measure, then what the measure is. Of
 * these the first is shown that any network decides, whichever way.
 */
export const CLAIMS_BY_USE: readonly (readonly [id: string, words: string])[] = [
  ["T9", "With ample data, suppressing random labels at the right strength raises test accuracy."],
  ["T11", "Where classes are mislabelled, suppressing random labels raises test accuracy."],
  ["T10", "With few data, the strength of suppression that is best with ample data hurts."],
  ["Q3", "Suppressing random labels is better than weight decay, each at its best strength."],
  ["T4", "Dropout lowers learned complexity, the more the stronger."],
  ["T5", "Weight decay lowers learned complexity, the more the stronger."],
  ["T6", "Label smoothing lowers learned complexity, the more the stronger."],
  [
    "T12",
    "Suppressing random labels at the last layer makes the first layer give away more of them.",
  ],
  ["T13", "The fewer the data, the larger the share of random labels that is learned."],
  [
    "Q1",
    "Learned complexity ranks ways of training by how much memorization was put into them: noisy labels, images of no class.",
  ],
  [
    "Q2",
    "A network trained with suppression holds less of the labels acted on than of labels that no head met.",
  ],
  ["T7", "The deeper the layer, the more random labels a head learns from it."],
  ["T3", "Heads know more random labels at the end of training than at its beginning."],
  ["T2", "Heads learn more random labels from a trained network than from an untrained one."],
  ["T8", "Suppression drives the head that it acts on down to guessing."],
  ["Q6", "Test images with a near-duplicate among the training images make the gap narrower."],
  ["T1", "Heads change nothing about the network that they read, to the last bit."],
];

interface FirstFinding {
  id: string;
  words: string;
  verdicts: readonly Verdict[];
  /** The first network that decides it. */
  decided: Verdict;
}

/** Null while no claim is decided. */
export function firstFinding({ claims }: Pick<Findings, "claims">): FirstFinding | null {
  for (const [id, words] of CLAIMS_BY_USE) {
    const { verdicts } = claims.find((each) => each.id === id)!;
    const decided = verdicts.find(({ status }) => status === "holds" || status === "fails");
    if (decided !== undefined) return { id, words, verdicts, decided };
  }
  return null;
}
