import { expect, test } from "vitest";
import { deriveProtocol } from "../../../record/derived-protocol.ts";
import { findProtocol } from "../../../record/protocols.ts";
import {
  BIG,
  COMPARED,
  COMPARED_SEEDS,
  MICRO,
  microAndBig,
  rankCorrelation,
} from "../../../record/replication/micro-and-big.ts";
import type { ReferenceRun } from "../../../record/replication/reference.ts";
import { aWholeRun, micro } from "../../world/runs.ts";

/** Runs of both sides, with test accuracies in the order of the configurations; big's are those of `places`. */
function runsOf(places: readonly number[]): ReferenceRun[] {
  const big = deriveProtocol(findProtocol("cifar10-1"), BIG.settings);
  return COMPARED.flatMap(({ network, regs }, i) =>
    COMPARED_SEEDS.flatMap((seed) => {
      const run = aWholeRun({ arch: network, regs, seed });
      const correct = (place: number) => ({
        ...run.final!,
        testCorrect: 4000 + 100 * place + seed,
      });
      const cell = { network, regs, seed, entry: null };
      return [
        { ...cell, ...MICRO, protocol: micro, run: { ...run, final: correct(i) } },
        // At micro-1's own n: a whole run of cifar10-1 has 50,000 labels of 2,000 kinds for each head.
        {
          ...{ ...cell, ...BIG, protocol: { ...big, headline: 100 } },
          run: { ...run, final: correct(places[i]!) },
        },
      ];
    }),
  );
}

const accuracyOf = (places: readonly number[]) =>
  microAndBig({ runs: runsOf(places) })?.quantities.find((e) => e.quantity === "testAccuracy");

test("the same order is 1, the opposite -1, and one swap of neighbours 26/28 of the way", () => {
  expect(accuracyOf([0, 1, 2, 3, 4, 5, 6, 7])).toMatchObject({ tau: 1, low: 1, high: 1 });
  expect(accuracyOf([7, 6, 5, 4, 3, 2, 1, 0])).toMatchObject({ tau: -1, low: -1, high: -1 });
  const swapped = accuracyOf([1, 0, 2, 3, 4, 5, 6, 7]);
  expect(swapped?.tau).toBeCloseTo((27 - 1) / 28, 12);
  expect(swapped?.low).toBeLessThan(swapped!.tau);
  expect(swapped?.high).toBe(1);
});

test("seeds that overlap widen the interval; ones that do not leave it to the configurations", () => {
  const pairs = (spread: number) =>
    COMPARED.map((_, i) => ({
      micro: [i, i + spread, i - spread],
      big: [i - spread, i, i + spread],
    }));
  expect(rankCorrelation(pairs(0.1))).toEqual({ tau: 1, low: 1, high: 1 });
  const { tau, low } = rankCorrelation(pairs(3));
  expect(tau).toBe(1);
  expect(low).toBeLessThan(0.8);
});

test("nothing is said while a run is missing or diverged", () => {
  const runs = runsOf([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(microAndBig({ runs: runs.slice(1) })).toBeNull();
  const diverged = { ...runs[0]!, run: { ...runs[0]!.run, status: "diverged" as const } };
  expect(microAndBig({ runs: [diverged, ...runs.slice(1)] })).toBeNull();
});
