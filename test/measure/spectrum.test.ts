import fc from "fast-check";
import { expect, test } from "vitest";
import { spectrumOf } from "../../harness/measure/controls.ts";

const PENALTIES = [1e-4, 1e-1];

test("equal eigenvalues count as so many directions, a single one as one", () => {
  const four = spectrumOf(Float64Array.of(2, 0, 2, 2, 2), PENALTIES);
  expect(four.effectiveRank).toBeCloseTo(4, 12);
  expect(four.participationRatio).toBeCloseTo(4, 12);
  expect(four.ridge).toEqual([
    { l: 1e-4, dimension: (4 * 2) / (2 + 1e-4) },
    { l: 1e-1, dimension: (4 * 2) / 2.1 },
  ]);
  const one = spectrumOf(Float64Array.of(0, -1e-17, 3), PENALTIES);
  expect([one.effectiveRank, one.participationRatio]).toEqual([1, 1]);
});

test("eigenvalues 1, 2, 3 have the values computed by hand", () => {
  // Entropy of (1/6, 1/3, 1/2) is 1.0114042647 nats; 36/14.
  const { effectiveRank, participationRatio } = spectrumOf(Float64Array.of(1, 2, 3), PENALTIES);
  expect(effectiveRank).toBeCloseTo(Math.exp(1.0114042647073518), 12);
  expect(participationRatio).toBeCloseTo(36 / 14, 12);
});

test("features that never vary have no directions", () => {
  expect(spectrumOf(new Float64Array(3), PENALTIES)).toEqual({
    effectiveRank: 0,
    participationRatio: 0,
    ridge: PENALTIES.map((l) => ({ l, dimension: 0 })),
  });
});

test("no measure exceeds the width, and the scale changes only the ridge dimensions", () => {
  const spectra = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(spectra, (values) => {
      const here = spectrumOf(Float64Array.from(values), PENALTIES);
      const scaled = spectrumOf(
        Float64Array.from(values, (e) => 4 * e),
        PENALTIES,
      );
      for (const size of [here.effectiveRank, here.participationRatio, here.ridge[0]!.dimension])
        expect(size).toBeLessThanOrEqual(values.length * (1 + 1e-12));
      expect(scaled.effectiveRank).toBeCloseTo(here.effectiveRank, 9);
      expect(scaled.ridge[1]!.dimension).toBeGreaterThan(here.ridge[1]!.dimension);
    }),
  );
});
