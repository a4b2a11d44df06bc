/** @file Runs that hold together, made up for tests of what stands around training. */

import type { Configuration } from "../../record/configuration.ts";
import { headPlaces } from "../../record/head-places.ts";
import { parseArchitecture } from "../../record/architecture.ts";
import { protocols } from "../../record/protocols.ts";
import type { Run } from "../../record/run.ts";
import { tapCount } from "../../record/taps.ts";

/** Counts depend on the seed a little, so that means have an interval. */
export function makeRun(
  { protocolId, arch, regs }: Pick<Configuration, "protocolId" | "arch" | "regs">,
  seed: number,
  status: Run["status"] = "completed",
  better = 0,
): Run {
  const protocol = protocols["micro-1"]!;
  const taps = tapCount(parseArchitecture(arch));
  const places = headPlaces(protocol, taps);
  const m = 2500;
  const wobble = (seed * 37) % 11;
  const online = places.map(({ n }) => Math.floor(m / n) + wobble);
  const done = status === "completed";
  return {
    protocol: protocolId,
    arch,
    regs,
    seed,
    status,
    params: 12_345,
    trainSamples: m,
    testSamples: 10_000,
    epochs: [{ seen: m, correct: 1200 + wobble, lossSum: 3000, clipped: 3, online }],
    final: done
      ? {
          trainCorrect: 2400 + wobble,
          trainCleanCorrect: 2400 + wobble,
          trainLossSum: 400,
          testCorrect: 4000 + better + 3 * wobble,
          testLossSum: 20_000,
        }
      : null,
    heads: done
      ? places.map(({ tap, n, draw }) => ({
          tap,
          n,
          draw,
          regularized: false,
          final: Math.floor(m / n) + 200 + wobble,
          unseen: Math.floor(m / n),
          lossSum: 2000,
        }))
      : null,
    controls: done
      ? {
          refit: [{ tap: taps, n: 100, correct: 900 }],
          frozen: [{ tap: taps, n: 100, correct: 500 }],
          null: [{ tap: taps, n: 100, h: 0.1, accuracy: 0.2, ridgeH: 0.05, ridgeAccuracy: 0.15 }],
          spectrum: {
            effectiveRank: 20,
            participationRatio: 8,
            ridge: [{ l: 0.001, dimension: 40 }],
          },
        }
      : null,
    timing: { trainSeconds: 10, evaluateSeconds: 1, controlSeconds: 1, imagesPerSecond: 7500 },
  };
}
