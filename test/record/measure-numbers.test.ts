import { expect, test } from "vitest";
import { MEASURE_NUMBERS, MEASURE_NUMBER_NAMES } from "../../record/measure-numbers.ts";
import type { RunMeasures } from "../../record/run-measures.ts";
import { aDivergedRun, aRun, someMeasures } from "../world/runs.ts";

const of = (changes: Partial<RunMeasures>) => {
  const run = { measures: { ...someMeasures(), ...changes } };
  const named = MEASURE_NUMBER_NAMES.map((name) => [name, MEASURE_NUMBERS[name].of(run)]);
  return Object.fromEntries(named) as Record<string, number | null>;
};
const layer = (
  spectral: number,
  frobenius: number,
  spectralDistance = 0,
  frobeniusDistance = 0,
) => ({
  ...{ spectral, frobenius, spectralDistance, frobeniusDistance },
});

test("norms multiply over layers, distances add as squares, margins divide as squares", () => {
  const numbers = of({
    margin: 0.5,
    layers: [layer(2, 3, 1, 3), layer(5, 10, 2, 4)],
    pathNorm: 8,
    flatness: { sigma: 0.1, samples: 500, correct: 400 },
  });
  const expected = {
    margin: 0.5,
    spectralProduct: Math.log(100), // (2 * 5)^2
    spectralProductOverMargin: Math.log(400),
    frobeniusProduct: Math.log(900),
    frobeniusProductOverMargin: Math.log(3600),
    stableRanks: 9 / 4 + 4,
    frobeniusDistance: 5,
    spectralDistance: Math.sqrt(5),
    pathNorm: Math.log(8),
    pathNormOverMargin: Math.log(32),
    sharpness: Math.log(100),
    pacBayes: Math.log(25 / (4 * 0.01)),
  };
  for (const [name, value] of Object.entries(expected))
    expect(numbers[name], name).toBeCloseTo(value, 12);
});

test("a share is fitted of those there are, and nothing of none", () => {
  const numbers = of({
    mixup: { pairs: 8, correct: 6 },
    noisyLabels: { changed: 10, fitted: 3, asTrue: 5 },
    canaries: { samples: 4, fitted: 4 },
    daviesBouldin: 2.5,
  });
  expect(numbers).toMatchObject({ mixupAccuracy: 0.75, noisyLabelFit: 0.3, canaryFit: 1 });
  expect(numbers["daviesBouldin"]).toBe(2.5);
  const none = of({
    mixup: { pairs: 0, correct: 0 },
    noisyLabels: null,
    canaries: null,
    daviesBouldin: null,
  });
  for (const name of ["mixupAccuracy", "noisyLabelFit", "canaryFit", "daviesBouldin"])
    expect(none[name], name).toBe(null);
});

test("what a margin that is not positive divides is unknown, as is a logarithm of zero", () => {
  for (const margin of [0, -1]) {
    const numbers = of({ margin });
    expect(numbers["margin"]).toBe(margin);
    for (const name of ["spectralProduct", "frobeniusProduct", "pathNorm"])
      expect([numbers[name] === null, numbers[`${name}OverMargin`]]).toEqual([false, null]);
  }
  const dead = of({ layers: [layer(0, 0)], pathNorm: 0 });
  for (const name of ["spectralProduct", "frobeniusProduct", "stableRanks", "pathNorm", "pacBayes"])
    expect(dead[name], name).toBe(null);
  expect(dead["frobeniusDistance"]).toBe(0);
});

test("a run without measures has none, nor one of them for what is not there", () => {
  for (const run of [aRun(), aDivergedRun()])
    for (const name of MEASURE_NUMBER_NAMES) expect(MEASURE_NUMBERS[name].of(run)).toBe(null);
  const numbers = of({ layers: null, pathNorm: null });
  const unknown = MEASURE_NUMBER_NAMES.filter((name) => numbers[name] === null);
  expect(unknown).toEqual([
    ...["spectralProduct", "spectralProductOverMargin"],
    ...["frobeniusProduct", "frobeniusProductOverMargin", "stableRanks"],
    ...["frobeniusDistance", "spectralDistance", "pathNorm", "pathNormOverMargin", "pacBayes"],
    ...["noisyLabelFit", "canaryFit"],
  ]);
});
