/** @file Made-up results that pass every check, for load and soak alone: nothing trained them, no board shows them. */

import type { Result } from "../../record/statement/statements.ts";
import type { IssuedChallenge } from "../../record/statement/challenge.ts";
import type { Run } from "../../record/run.ts";
import { aResult } from "../../test/world/statements.ts";

/** A number in [0, 1) from two whole numbers: the splitmix32 mixing function. */
export function fraction(seed: number, index: number): number {
  let z = (Math.imul(seed, 0x9e3779b9) + Math.imul(index + 1, 0x85ebca6b)) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
}

/** Configuration number `i`; the first 160,000 differ. */
export function syntheticConfiguration(i: number): { arch: string; regs: string } {
  const widths = [64, 128, 256, 512];
  const arch = i % 2 === 0 ? `mlp-${widths[(i >> 1) % 4]}` : `cnn-${8 + 8 * ((i >> 1) % 4)}`;
  const strength = (1 + (i >> 3)) / 20_000;
  return { arch, regs: i < 8 ? "none" : `wd=${strength}` };
}

/** A result of challenge number `i`, with a level of memorizing of its own. */
export function syntheticResult(i: number, challenge: IssuedChallenge | null): Result {
  const result = aResult(challenge);
  const level = fraction(i, 0);
  const vary = (run: Run, j: number) => syntheticRun(run, level, i * 64 + j + 1);
  return {
    ...result,
    panel: result.panel.map(vary),
    fresh: result.fresh.map((run, j) => vary(run, j + 32)),
  };
}

function syntheticRun(run: Run, level: number, seed: number): Run {
  const wobble = (index: number) => level + 0.06 * (fraction(seed, index) - 0.5);
  const share = (index: number) => Math.min(1, Math.max(0, wobble(index)));
  const { trainSamples: m, testSamples } = run;
  const known = (n: number, index: number) => Math.round(m / n + (m - m / n) * share(index));
  const trainCorrect = Math.round(m * (0.5 + 0.5 * share(1)));
  const testCorrect = Math.round(testSamples * (0.3 + 0.2 * share(2)));
  return {
    ...run,
    epochs: run.epochs.map((epoch, e) => ({
      ...epoch,
      correct: Math.floor(epoch.seen * fraction(seed, 100 + e)),
      lossSum: 3000 + 1000 * fraction(seed, 200 + e),
    })),
    final: {
      trainCorrect,
      trainCleanCorrect: trainCorrect,
      trainLossSum: m - trainCorrect + 100 * share(3),
      testCorrect,
      testLossSum: 2 * (testSamples - testCorrect) + 100 * share(4),
    },
    heads: run.heads!.map((head, h) => {
      const final = known(head.n, 10 + h);
      return { ...head, final, lossSum: (m - final) * Math.log(head.n) + 100 * share(50 + h) };
    }),
    controls: {
      ...run.controls!,
      refit: run.controls!.refit.map((each, place) => ({
        ...each,
        redraws: each.redraws.map((_, k) => known(each.n, 1000 * (place + 1) + k)),
      })),
    },
    timing: {
      trainSeconds: 10 + fraction(seed, 300),
      evaluateSeconds: 1 + fraction(seed, 301),
      controlSeconds: 2 + fraction(seed, 302),
      measureSeconds: 0,
      imagesPerSecond: 7500 * (0.9 + 0.2 * fraction(seed, 303)),
    },
  };
}
