/** @file Runs for tests, as training leaves them; each test changes only the field it is about. */

import { tapsOf } from "../../record/architecture.ts";
import {
  controlPlaces,
  frozenHeadDraws,
  headPlaces,
  isSamePlace,
  regularizedPlace,
} from "../../record/head-places.ts";
import { findProtocol, protocolId } from "../../record/protocols.ts";
import { parseRegularizers } from "../../record/regularizers.ts";
import type { RunMeasures } from "../../record/run-measures.ts";
import type { Controls, FrozenHeadCounts, HeadCounts, Run } from "../../record/run.ts";
import { cloudOfWidth, nullAccuracy } from "../../record/statistics/null-accuracy.ts";

export const micro = findProtocol("micro-1");
/** Training samples of micro-1. */
const m = 2500;

const nulls = new Map<number, number>();

/** Of 512 dimensions; remembered, as thousands of runs are made up. */
function shapelessNull(n: number): number {
  const known = nulls.get(n) ?? nullAccuracy(m, n, cloudOfWidth(512, m));
  nulls.set(n, known);
  return known;
}

/** Heads of micro-1 that know nothing: chance counts, and the loss of uniform logits. */
export function chanceHeads(arch: string, regs: string): HeadCounts[] {
  const taps = tapsOf({ arch, customTaps: null }).length;
  const regularized = regularizedPlace(parseRegularizers(regs), micro, taps);
  return headPlaces(micro, taps).map((place) => ({
    ...place,
    regularized: isSamePlace(place, regularized),
    final: Math.round(m / place.n),
    unseen: Math.round(m / place.n),
    lossSum: m * Math.log(place.n),
  }));
}

/** Heads on the frozen trunk that know a share of the random labels. */
function frozenHeads(known: number): FrozenHeadCounts[] {
  const n = micro.headline;
  const final = Math.round(m * (1 / n + (1 - 1 / n) * known));
  return frozenHeadDraws(micro).map((draw) => ({
    draw,
    final,
    unseen: Math.round(m / n),
    lossSum: (m - final) * Math.log(n) + 50,
  }));
}

/** Refits of every redraw that micro-1 asks for, a little apart, around a count for each place. */
function refitsAround(
  arch: string,
  regs: string,
  correct: (place: { tap: number; n: number }) => number,
  own: boolean,
): Controls["refit"] {
  const places = controlPlaces(
    micro,
    tapsOf({ arch, customTaps: null }).length,
    parseRegularizers(regs),
  );
  return places.map(({ tap, n, told, redraws }) => ({
    tap,
    n,
    told: own && told ? correct({ tap, n }) : null,
    redraws: Array.from({ length: own ? redraws : micro.measures.refit.redraws }, (_, k) =>
      Math.min(m, Math.max(0, correct({ tap, n }) + ((k * 7) % 11) - 5)),
    ),
  }));
}

function untold(refits: Controls["refit"]): Controls["frozen"] {
  return refits.map(({ tap, n, redraws }) => ({ tap, n, redraws }));
}

/** Of an untroubled run of micro-1; each test changes only what it is about. */
export function measures(changes: Partial<RunMeasures> = {}): RunMeasures {
  const none = {
    version: 1,
    margin: 1,
    layers: null,
    pathNorm: null,
    flatness: { sigma: 0.01, samples: 500, correct: 400 },
    daviesBouldin: 2,
    mixup: { pairs: 500, correct: 400 },
    noisyLabels: null,
    canaries: null,
    nearDuplicates: { trained: { images: 11, correct: 8 }, others: { images: 198, correct: 100 } },
  } as const;
  return { ...none, ...changes };
}

/** The same with three layers, of a run of `aRun`, in which 500 of 2,500 images are wrong. */
export function someMeasures(): RunMeasures {
  const layer = { spectral: 2, frobenius: 5, spectralDistance: 1.5, frobeniusDistance: 3 };
  return measures({
    margin: -0.75,
    layers: [layer, layer, { ...layer, spectral: 1.25 }],
    pathNorm: 1234.567,
    mixup: { pairs: 500, correct: 390 },
  });
}

/** A completed run of micro-1 whose trunk learned something and whose heads did not. */
export function aRun(changes: Partial<Run> = {}): Run {
  const { arch = "mlp-512", regs = "none" } = changes;
  const heads = chanceHeads(arch, regs);
  const frozenOnline = frozenHeadDraws(micro).map(() => Math.round(m / micro.headline));
  return {
    protocol: protocolId(micro),
    arch,
    regs,
    seed: 1,
    status: "completed",
    customTaps: null,
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
        frozenOnline,
        evaluated: null,
      },
      {
        seen: m,
        correct: 1500,
        lossSum: 3000,
        clipped: 0,
        online: heads.map(({ n }) => 1 + Math.round(m / n)),
        frozenOnline,
        evaluated: null,
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
    frozenHeads: frozenHeads(0.5),
    controls: {
      refit: refitsAround(arch, regs, () => 2000, true),
      frozen: untold(refitsAround(arch, regs, () => 1510, false)),
      null: refitsAround(arch, regs, () => 0, false).map(({ tap, n }) => ({
        tap,
        n,
        width: 512,
        counts: shapelessNull(n),
        spectrum: 0.5,
        leverages: 0.45,
      })),
      spectrum: {
        effectiveRank: 80,
        participationRatio: 12,
        ridge: micro.measures.spectrum.penalties.map((l) => ({ l, dimension: 200 })),
      },
    },
    measures: null,
    timing: {
      ...{ trainSeconds: 10, evaluateSeconds: 1, controlSeconds: 2, measureSeconds: 0 },
      imagesPerSecond: 7500,
    },
    ...changes,
  };
}

/** A run whose loss left the finite numbers after its first epoch. */
export function aDivergedRun(changes: Partial<Run> = {}): Run {
  const run = aRun(changes);
  const broken = {
    status: "diverged",
    final: null,
    heads: null,
    frozenHeads: null,
    controls: null,
    measures: null,
  } as const;
  return { ...run, epochs: run.epochs.slice(0, 1), ...broken };
}

/** The same run with other final counts at one kind of head. */
export function withFinal(run: Run, place: { tap: number; n: number }, finals: number[]): Run {
  const heads = run.heads!.map((head) =>
    head.tap === place.tap && head.n === place.n ? { ...head, final: finals[head.draw]! } : head,
  );
  return { ...run, heads };
}

/** All epochs and controls of micro-1; the counts depend on the seed. */
export function aWholeRun(changes: Partial<Run> = {}): Run {
  const run = aRun(changes);
  const epoch = (i: number) => {
    const digit = Math.floor(run.seed / 1009 ** (i % 5)) % 1009; // seeds below 2^48 differ in one of five
    return { ...structuredClone(run.epochs[0]!), correct: 1000 + digit };
  };
  return {
    ...run,
    epochs: Array.from({ length: micro.epochs }, (_, i) => epoch(i)),
    ...changes,
  };
}

/** Diverged after its first epoch. */
export function aWholeDivergedRun(changes: Partial<Run> = {}): Run {
  return { ...aDivergedRun(changes), ...changes };
}

/** Shares, before the seed's own wobble of a hundredth. */
export interface Levels {
  /** Random labels known. */
  known: number;
  train: number;
  test: number;
}

/** The run with levels that a test chooses; it passes every check. */
export function levelled(run: Run, { known, train, test }: Levels): Run {
  const wobble = (k: number) => 0.01 * Math.sin(run.seed * 12.9898 + k * 78.233);
  const share = (level: number, k: number) => Math.min(0.99, Math.max(0.01, level + wobble(k)));
  const { testSamples } = run;
  const trainCorrect = Math.round(m * share(train, 1));
  const testCorrect = Math.round(testSamples * share(test, 2));
  const atLeastChance = (n: number, level: number) => 1 / n + (1 - 1 / n) * level;
  const finalShare = (head: number, n: number) => atLeastChance(n, share(known, 10 + head));
  // what the features allow lies above what the heads learn, and above what the frozen trunk allows
  const refits = (level: number, k: number, own: boolean) =>
    refitsAround(
      run.arch,
      run.regs,
      ({ tap, n }) => Math.round(m * atLeastChance(n, share(level - 0.02 * (tap % 2), k + tap))),
      own,
    );
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
    frozenHeads: frozenHeads(share(0.5, 40)),
    controls: {
      ...run.controls!,
      refit: refits(known + 0.1, 80, true),
      frozen: untold(refits(0.6, 100, false)),
    },
    timing: { ...run.timing, trainSeconds: 10 + share(0.5, 5), evaluateSeconds: 1 + share(0.3, 6) },
  };
}

/** A run over all epochs; `skill` in (0, 1) says how much of the random labels is learned. */
export function aLearnedRun(arch: string, regs: string, seed: number, skill: number): Run {
  const base = aRun({ arch, regs, seed });
  const wobble = 1 + 0.03 * Math.sin(seed * 7.3 + arch.length + 2 * regs.length);
  const learned = (n: number, share: number) =>
    Math.round(m * Math.min(1, 1 / n + (1 - 1 / n) * share * wobble));
  const epochs = Array.from({ length: micro.epochs }, (_, e) => {
    const progress = e / (micro.epochs - 1);
    return {
      ...base.epochs[0]!,
      correct: Math.round(m * (0.3 + 0.6 * progress ** 0.7 * wobble)),
      online: base.heads!.map(({ n, tap }) => learned(n, (skill * progress * tap) / 3)),
    };
  });
  const heads = base.heads!.map((head) => ({
    ...head,
    final: head.regularized ? Math.round(m / head.n) : learned(head.n, (skill * head.tap) / 3),
  }));
  const byTap = (share: number) => (place: { tap: number; n: number }) =>
    learned(place.n, share * (0.6 + place.tap / 10));
  return {
    ...base,
    epochs,
    heads,
    final: {
      ...base.final!,
      trainCorrect: Math.round(m * Math.min(1, (0.7 + 0.3 * skill) * wobble)),
      trainCleanCorrect: Math.round(m * Math.min(1, (0.7 + 0.3 * skill) * wobble)),
      testCorrect: Math.round(4400 * wobble),
    },
    controls: {
      ...base.controls!,
      refit: refitsAround(arch, regs, byTap(skill), true),
      frozen: untold(refitsAround(arch, regs, byTap(0.5), false)),
    },
  };
}

/** Two architectures, each with four regularizers. */
export function aGrid(seeds: number): Run[][] {
  const skills = { none: 0.95, "dropout=0.5": 0.7, aug: 0.5, "rl=10": 0.25 };
  return ["mlp-256", "cnn-8"].flatMap((arch) =>
    Object.entries(skills).map(([regs, skill]) =>
      Array.from({ length: seeds }, (_, i) =>
        aLearnedRun(arch, regs, i + 1, arch === "cnn-8" ? skill * 0.6 : skill),
      ),
    ),
  );
}
