/** @file What a loss cannot be, given how often it was wrong. */

import { problemAt, type Path, type Problem } from "../problem.ts";
import { parseRegularizers } from "../regularizers.ts";
import type { Run } from "../run.ts";

/** Losses of an evaluation are summed in float64 from float32. */
const ROUNDING = 1e-5;
/** Those of an epoch are summed in float32, step by step: of some thousand steps and samples a step, 2^-24 each. */
const EPOCH_ROUNDING = 1e-3;

interface LossSum {
  path: Path;
  lossSum: number;
  wrong: number;
  rounding: number;
}

/** A wrong answer gives the right label at most half the probability, so it costs at least ln 2. */
export function lossProblems(run: Run): Problem[] {
  return [...evaluationSums(run), ...epochSums(run)].flatMap(
    ({ path, lossSum, wrong, rounding }) => {
      const least = wrong * Math.LN2;
      if (lossSum >= least * (1 - rounding)) return [];
      return [problemAt(run, path, `at least ${wrong} wrong x ln 2 = ${least.toFixed(3)}`)];
    },
  );
}

function evaluationSums({ final, heads, trainSamples, testSamples }: Run): LossSum[] {
  const rounding = ROUNDING;
  const ofHeads = (heads ?? []).map(({ lossSum, final }, i): LossSum => {
    return { path: ["heads", i, "lossSum"], lossSum, wrong: trainSamples - final, rounding };
  });
  if (final === null) return ofHeads;
  const { trainLossSum, testLossSum, trainCorrect, testCorrect } = final;
  const [train, test] = [trainSamples - trainCorrect, testSamples - testCorrect];
  return [
    ...ofHeads,
    { path: ["final", "trainLossSum"], lossSum: trainLossSum, wrong: train, rounding },
    { path: ["final", "testLossSum"], lossSum: testLossSum, wrong: test, rounding },
  ];
}

/**
 * Loss and count are of the same logits, before the update (of the first pass, with `sam`), and of the labels trained
 * on. The loss of a smoothed or mixed target is bounded otherwise, and is let be.
 */
function epochSums({ regs, epochs }: Run): LossSum[] {
  const { labelSmoothing, mixup, cutmix } = parseRegularizers(regs);
  if (labelSmoothing > 0 || mixup > 0 || cutmix > 0) return [];
  return epochs.map(({ lossSum, seen, correct }, i) => {
    const path = ["epochs", i, "lossSum"];
    return { path, lossSum, wrong: seen - correct, rounding: EPOCH_ROUNDING };
  });
}
