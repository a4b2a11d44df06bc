/** @file What a probe says of one tap. */

import { normalizedAccuracy } from "../../record/metrics.ts";
import { nullControls, ridgeDimension, spectrumOf } from "../measure/controls.ts";
import type { RidgeFit } from "../measure/ridge.ts";
import { PENALTY, type TapDocument } from "./document.ts";

/** At which the effective dimension is told. */
const PENALTIES = [1e-4, 1e-3, 1e-2, 1e-1];

export interface TapShape {
  tap: number;
  name: string | null;
  width: number;
  samples: number;
  testSamples: number | null;
}

/** @param fit with its spectrum, of the label spaces in order; one labelling more is the classes. */
export function tapDocument(
  { tap, name, width, samples, testSamples }: TapShape,
  labelSpaces: readonly number[],
  { correct, eigenvalues }: RidgeFit,
  testCorrect: number | null,
): TapDocument {
  const count = (correct: number, of: number) => ({ correct, accuracy: correct / of });
  const dimension = ridgeDimension(eigenvalues!, PENALTY);
  const classCorrect = correct[labelSpaces.length];
  return {
    tap,
    name,
    width,
    refit: labelSpaces.map((n, i) => {
      const { accuracy } = count(correct[i]!, samples);
      return { n, correct: correct[i]!, accuracy, normalized: normalizedAccuracy(accuracy, n) };
    }),
    null: nullControls(tap, labelSpaces, { samples, width, dimension }).map(
      ({ tap: _, ...control }) => control,
    ),
    ...spectrumOf(eigenvalues!, PENALTIES),
    classes:
      classCorrect === undefined
        ? null
        : {
            train: count(classCorrect, samples),
            test: testCorrect === null ? null : count(testCorrect, testSamples!),
          },
  };
}
