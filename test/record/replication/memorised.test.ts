import { expect, test } from "vitest";
import { nearDuplicateGain, nearDuplicateSteps } from "../../../record/replication/memorised.ts";
import { quantityOf } from "../../../record/replication/quantities.ts";
import type { RunMeasures } from "../../../record/run-measures.ts";
import { aRun, measures, micro } from "../../world/runs.ts";

test("known memorization by hand: noisy labels and canaries that are fitted, over all 2,500 samples", () => {
  const of = (changes: Partial<RunMeasures>) =>
    quantityOf("arbitraryFitted", aRun({ measures: measures(changes) }), micro);
  expect(of({})).toBe(0);
  const noisyLabels = { changed: 500, fitted: 400, asTrue: 50 };
  expect(of({ noisyLabels })).toBe(0.16);
  expect(of({ noisyLabels, canaries: { samples: 100, fitted: 75 } })).toBe(0.19);
  expect(quantityOf("arbitraryFitted", aRun(), micro)).toBeNull();
});

test("the gap without near-duplicates by hand: 4,500 of 10,000 are right, and 90 of the 100 left out", () => {
  const nearDuplicates = {
    trained: { images: 100, correct: 90 },
    others: { images: 50, correct: 20 },
  };
  const run = aRun({ measures: measures({ nearDuplicates }) });
  expect(quantityOf("nearDuplicateGain", run, micro)).toBeCloseTo(0.45 - 4410 / 9900, 15);
  expect(nearDuplicateGain(run, "others")).toBeCloseTo(0.45 - 4480 / 9950, 15);
  expect(quantityOf("nearDuplicateGain", aRun(), micro)).toBeNull();
  // One count more of either kind.
  const right = { ...run.final!, testCorrect: 4499 };
  const step = nearDuplicateGain({ ...run, final: right })! - nearDuplicateGain(run)!;
  expect(step).toBeCloseTo(nearDuplicateSteps(run)[0], 15);
  const more = { ...nearDuplicates, trained: { images: 100, correct: 91 } };
  const other = { ...run, measures: measures({ nearDuplicates: more }) };
  const moved = nearDuplicateGain(other)! - nearDuplicateGain(run)!;
  expect(moved).toBeCloseTo(nearDuplicateSteps(run)[1], 15);
});
