/** @file What a loss cannot be, given how often it was wrong. */

import { problemAt, type Path, type Problem } from "../problem.ts";
import type { Run } from "../run.ts";

/** Losses are summed from float32. */
const ROUNDING = 1e-5;

/** A wrong answer gives the right label at most half the probability, so it costs at least ln 2. */
export function lossProblems(run: Run): Problem[] {
  const { final, heads, trainSamples, testSamples } = run;
  const sums: [path: Path, lossSum: number, wrong: number][] = [
    ...(heads ?? []).map(({ lossSum, final }, i): [Path, number, number] => [
      ["heads", i, "lossSum"],
      lossSum,
      trainSamples - final,
    ]),
    ...(final === null
      ? []
      : ([
          [["final", "trainLossSum"], final.trainLossSum, trainSamples - final.trainCorrect],
          [["final", "testLossSum"], final.testLossSum, testSamples - final.testCorrect],
        ] satisfies [Path, number, number][])),
  ];
  return sums.flatMap(([path, lossSum, wrong]) => {
    const least = wrong * Math.LN2;
    if (lossSum >= least * (1 - ROUNDING)) return [];
    return [problemAt(run, path, `at least ${wrong} wrong x ln 2 = ${least.toFixed(3)}`)];
  });
}
