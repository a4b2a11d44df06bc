/** @file Can these be the measures of this run? (trust.md section 4) */

import type { Rule } from "./problem.ts";
import { CANARY_COPIES, parseRegularizers } from "./regularizers.ts";
import { FLATNESS_SAMPLES, type RunMeasures } from "./run-measures.ts";
import { type NearDuplicates, nearDuplicatesOf } from "./near-duplicates.ts";
import type { Protocol } from "./protocols.ts";
import type { Run } from "./run.ts";

/** Pointers go into the run, whose names are canonical. */
export function measureRules(run: Run, { dataset }: Protocol): Rule<"measures">[] {
  const { measures, status } = run;
  if (measures === null) return [];
  if (status === "diverged")
    return [[false, ["measures"], "measures", "null, as the run diverged"]];
  return [
    ...countRules(run, measures),
    ...nearDuplicateRules(run, measures, nearDuplicatesOf(dataset)),
    ...normRules(measures),
    ...marginRules(run, measures),
  ];
}

function countRules(
  { trainSamples: m, regs }: Run,
  { flatness, mixup, noisyLabels, canaries }: RunMeasures,
): Rule<"measures">[] {
  const at = (path: string) => ["measures", ...path.split(".")];
  const measured = Math.min(m, FLATNESS_SAMPLES);
  const { noise, canary } = parseRegularizers(regs);
  const isNoisy = noise > 0;
  const fitted = (noisyLabels?.fitted ?? 0) + (noisyLabels?.asTrue ?? 0);
  return [
    [flatness.samples === measured, at("flatness.samples"), "measures", `${measured}`],
    [
      flatness.correct <= flatness.samples,
      at("flatness.correct"),
      "measures",
      `at most ${flatness.samples}`,
    ],
    [mixup.pairs <= m, at("mixup.pairs"), "measures", `at most ${m}`],
    [mixup.correct <= mixup.pairs, at("mixup.correct"), "measures", `at most ${mixup.pairs}`],
    [
      isNoisy === (noisyLabels !== null),
      at("noisyLabels"),
      "measures",
      isNoisy ? "counts, as noise= changed labels" : "null, without label noise",
    ],
    [(noisyLabels?.changed ?? 0) <= m, at("noisyLabels.changed"), "measures", `at most ${m}`],
    [
      fitted <= (noisyLabels?.changed ?? 0),
      at("noisyLabels"),
      "measures",
      "fitted and as true together at most those changed",
    ],
    [
      (canaries?.samples ?? 0) === CANARY_COPIES * canary && (canaries !== null) === canary > 0,
      at("canaries"),
      "measures",
      canary > 0 ? `${CANARY_COPIES} copies of ${canary}` : "null, without canaries",
    ],
    [
      (canaries?.fitted ?? 0) <= (canaries?.samples ?? 0),
      at("canaries.fitted"),
      "measures",
      "at most the samples",
    ],
  ];
}

/** @param pairs of the data set; null where there is no list of them. */
function nearDuplicateRules(
  { testSamples, final }: Run,
  { nearDuplicates }: RunMeasures,
  pairs: NearDuplicates | null,
): Rule<"measures">[] {
  const path = ["measures", "nearDuplicates"];
  if (nearDuplicates === null || pairs === null) {
    const rule = pairs === null ? "null, as the data set has no list of them" : "counts";
    return [[nearDuplicates === null && pairs === null, path, "measures", rule]];
  }
  const { trained, others } = nearDuplicates;
  const [images, correct] = [trained.images + others.images, trained.correct + others.correct];
  const testCorrect = final?.testCorrect ?? 0;
  const fits =
    trained.correct <= trained.images &&
    others.correct <= others.images &&
    correct <= testCorrect &&
    testCorrect - correct <= testSamples - images;
  const count = new Set(pairs.map(([image]) => image)).size;
  return [
    [images === count, path, "measures", `${count} images in all`],
    [fits, path, "measures", `no more correct than images, as ${testCorrect} are in all`],
  ];
}

/** Seven digits. */
const ROUNDING = 2e-6;

/** A matrix has its largest singular value among those whose squares its squared Frobenius norm sums. */
function normRules({ layers }: RunMeasures): Rule<"measures">[] {
  return (layers ?? []).map((layer, i) => {
    const holds =
      layer.spectral <= layer.frobenius * (1 + ROUNDING) &&
      layer.spectralDistance <= layer.frobeniusDistance * (1 + ROUNDING);
    return [holds, ["measures", "layers", i], "measures", "spectral norms at most the Frobenius"];
  });
}

/** A margin nearer to 0 may be another machine's rounding. */
const LEAST_MARGIN = 1e-3;

/** A sample is predicted wrongly where its margin is negative, rightly where it is positive. */
function marginRules({ trainSamples: m, final }: Run, { margin }: RunMeasures): Rule<"measures">[] {
  if (final === null || Math.abs(margin) < LEAST_MARGIN) return [];
  const wrong = m - final.trainCorrect;
  const place = (m - 1) / 10;
  const holds = margin > 0 ? wrong <= Math.ceil(place) : wrong > Math.floor(place);
  const sign = margin > 0 ? "not positive" : "not negative";
  return [[holds, ["measures", "margin"], "measures", `${sign}, with ${wrong} of ${m} wrong`]];
}
