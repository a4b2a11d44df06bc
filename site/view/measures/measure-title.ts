/** @file What a measure is called on its board. */

import type { MeasuresDocument } from "../../../record/documents/entry-document.ts";

type Measure = MeasuresDocument["measures"][number];

/** Made of losses and spectra, which no count shows. */
const DECLARED: ReadonlySet<Measure["name"]> = new Set([
  "bits",
  "effectiveRank",
  "participationRatio",
  "cumulativeLoss",
  "trainLoss",
]);

/** `effective rank · declared`. */
export function measureTitle({ name, title }: Pick<Measure, "name" | "title">): string {
  return DECLARED.has(name) ? `${title} · declared` : title;
}
