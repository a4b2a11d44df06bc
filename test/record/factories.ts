/** @file Valid runs for tests; each test changes only the field it is about. */

import { headPlaces, isSamePlace, regularizedPlace } from "../../record/head-places.ts";
import { findProtocol, protocolId } from "../../record/protocols.ts";
import { parseArchitecture, tapCount } from "../../record/architecture.ts";
import { parseRegularizers } from "../../record/regularizers.ts";
import type { HeadCounts, Run } from "../../record/run.ts";

const micro = findProtocol("micro-1");
const m = 2500;

/** Heads of micro-1 that know nothing: chance counts, and the loss of uniform logits. */
export function chanceHeads(arch: string, regs: string): HeadCounts[] {
  const taps = tapCount(parseArchitecture(arch));
  const regularized = regularizedPlace(parseRegularizers(regs), micro, taps);
  return headPlaces(micro, taps).map((place) => ({
    ...place,
    regularized: isSamePlace(place, regularized),
    final: Math.round(m / place.n),
    unseen: Math.round(m / place.n),
    lossSum: m * Math.log(place.n),
  }));
}

/** A completed run of micro-1 whose trunk learned something and whose heads did not. */
export function aRun(changes: Partial<Run> = {}): Run {
  const { arch = "mlp-512", regs = "none" } = changes;
  const heads = chanceHeads(arch, regs);
  const taps = tapCount(parseArchitecture(arch));
  const everyTap = Array.from({ length: taps }, (_, t) => ({ tap: t + 1, n: micro.headline }));
  return {
    protocol: protocolId(micro),
    arch,
    regs,
    seed: 1,
    status: "completed",
    params: 1_841_162,
    trainSamples: m,
    testSamples: 10_000,
    epochs: [
      {
        seen: m,
        correct: 1000,
        lossSum: 4000,
        clipped: 5,
        online: heads.map(({ n }) => Math.round(m / n)),
      },
      {
        seen: m,
        correct: 1500,
        lossSum: 3000,
        clipped: 0,
        online: heads.map(({ n }) => 1 + Math.round(m / n)),
      },
    ],
    final: {
      trainCorrect: 2000,
      trainCleanCorrect: 2000,
      trainLossSum: 1250,
      testCorrect: 4500,
      testLossSum: 17_000,
    },
    heads,
    controls: {
      refit: everyTap.map((place) => ({ ...place, correct: 2000 })),
      frozen: everyTap.map((place) => ({ ...place, correct: 1510 })),
      null: everyTap.map((place) => ({
        ...place,
        h: 0.2052,
        accuracy: 0.505,
        ridgeH: 0.0804,
        ridgeAccuracy: 0.3,
      })),
      spectrum: {
        effectiveRank: 80,
        participationRatio: 12,
        ridge: [{ l: 0.001, dimension: 200 }],
      },
    },
    timing: { trainSeconds: 10, evaluateSeconds: 1, controlSeconds: 2, imagesPerSecond: 7500 },
    ...changes,
  };
}

/** A run whose loss left the finite numbers after its first epoch. */
export function aDivergedRun(changes: Partial<Run> = {}): Run {
  const run = aRun(changes);
  const broken = { status: "diverged", final: null, heads: null, controls: null } as const;
  return { ...run, epochs: run.epochs.slice(0, 1), ...broken };
}

/** The same run with other final counts at one kind of head. */
export function withFinal(run: Run, place: { tap: number; n: number }, finals: number[]): Run {
  const heads = run.heads!.map((head) =>
    head.tap === place.tap && head.n === place.n ? { ...head, final: finals[head.draw]! } : head,
  );
  return { ...run, heads };
}
