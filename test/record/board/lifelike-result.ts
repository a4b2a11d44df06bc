/** @file A result as real machines make them, for tests of what is noted about results. */

import { resultNotes } from "../../../record/board/notes.ts";
import type { Run } from "../../../record/run.ts";
import { seededRandom } from "../../../record/board/measure-scores.ts";
import type { Result } from "../../../record/statement/statements.ts";
import { aResult } from "../../world/statements.ts";
import { micro } from "../../world/runs.ts";

/** Times and losses of a real machine: no two alike, the rate what the seconds make it. */
function lifelike(run: Run, place: number): Run {
  const random = seededRandom(place + 1);
  const [trainSeconds, evaluateSeconds, controlSeconds] = [
    9 + 2 * random(),
    1 + random(),
    2 + random(),
  ];
  const seen = run.epochs.reduce((sum, epoch) => sum + epoch.seen, 0);
  const imagesPerSecond = seen / trainSeconds;
  return {
    ...run,
    final: run.final && {
      ...run.final,
      trainLossSum: 1250 + 20 * random(),
      testLossSum: 17_000 + 99 * random(),
    },
    heads:
      run.heads && run.heads.map((head) => ({ ...head, lossSum: head.lossSum + 20 * random() })),
    timing: { trainSeconds, evaluateSeconds, controlSeconds, imagesPerSecond },
  };
}

function aLifelikeResult(): Result {
  const result = aResult();
  return {
    ...result,
    panel: result.panel.map(lifelike),
    fresh: result.fresh.map((run, i) => lifelike(run, i + 5)),
  };
}
export const honest = aLifelikeResult();
export const kinds = (result: Result) => resultNotes(result, micro).map(({ kind }) => kind);
const withRun = (change: (run: Run) => Partial<Run>, result = honest): Result => {
  const [first, ...rest] = result.panel;
  return { ...result, panel: [{ ...first!, ...change(first!) }, ...rest] };
};
export const timed = (timing: Partial<Run["timing"]>) =>
  withRun((run) => ({ timing: { ...run.timing, ...timing } }));
