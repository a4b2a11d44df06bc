/** @file Results that pass every check, with levels that a test chooses; they stand in the databases of tests alone. */

import type { Run } from "../../../record/run.ts";
import type { IssuedChallenge } from "../../../record/statement/challenge.ts";
import type { Result } from "../../../record/statement/statements.ts";
import { aResult, micro } from "../../record/statement/factories.ts";

/** Shares, before the seed's own wobble of a hundredth. */
export interface Levels {
  /** Random labels known. */
  known: number;
  train: number;
  test: number;
}

export function aLevelledResult(challenge: IssuedChallenge | null, levels: Levels): Result {
  const result = aResult(challenge);
  const level = (run: Run) => levelled(run, levels);
  return { ...result, panel: result.panel.map(level), fresh: result.fresh.map(level) };
}

function levelled(run: Run, { known, train, test }: Levels): Run {
  const wobble = (k: number) => 0.01 * Math.sin(run.seed * 12.9898 + k * 78.233);
  const share = (level: number, k: number) => Math.min(0.99, Math.max(0.01, level + wobble(k)));
  const { trainSamples: m, testSamples } = run;
  const trainCorrect = Math.round(m * share(train, 1));
  const testCorrect = Math.round(testSamples * share(test, 2));
  const finalShare = (head: number, n: number) => 1 / n + (1 - 1 / n) * share(known, 10 + head);
  return {
    ...run,
    epochs: run.epochs.map((epoch, e) => {
      const grown = (e / (micro.epochs - 1)) ** 0.7;
      return {
        ...epoch,
        correct: Math.round(epoch.seen * (0.1 + (share(train, 30 + e) - 0.1) * grown)),
        lossSum: 3000 + 1000 * share(0.5, 60 + e),
        online: run.heads!.map(({ n }, h) =>
          e === 0
            ? Math.round(epoch.seen / n)
            : Math.round(epoch.seen * (1 / n + 0.8 * grown * (finalShare(h, n) - 1 / n))),
        ),
      };
    }),
    final: {
      trainCorrect,
      trainCleanCorrect: trainCorrect,
      trainLossSum: m - trainCorrect + 100 * share(0.5, 3),
      testCorrect,
      testLossSum: 2 * (testSamples - testCorrect) + 100 * share(0.5, 4),
    },
    heads: run.heads!.map((head, h) => {
      const final = Math.round(m * finalShare(h, head.n));
      return { ...head, final, lossSum: (m - final) * Math.log(head.n) + 50 };
    }),
    timing: { ...run.timing, trainSeconds: 10 + share(0.5, 5), evaluateSeconds: 1 + share(0.3, 6) },
  };
}
