import { expect, test } from "vitest";
import { trainingPlan } from "../../harness/train/plan.ts";
import { type Samples, SeedLabels } from "../../harness/train/samples.ts";
import { randomLabels } from "../../record/random-label.ts";
import { NO_ABLATIONS, canonicalConfiguration } from "../../record/configuration.ts";
import { micro } from "../world/runs.ts";

const planOf = (regs: string) =>
  trainingPlan(
    micro,
    canonicalConfiguration(micro, {
      ...{ arch: "mlp-8", regs, seeds: [1], threads: 1, engine: "cpu", limit: null, save: [] },
      ablations: NO_ABLATIONS,
    }),
  );
const samplesOf = (trainIndices: object) => ({ trainIndices }) as Samples;

test("configurations of a sweep share the labels of a seed, which are those of the method", () => {
  const samples = samplesOf(Int32Array.of(3, 5, 8));
  const first = new SeedLabels(planOf("none"), samples, 4).get("redraw", 100, 2);
  const asked = { seed: 4, n: 100, draw: 2, indices: [3, 5, 8], kind: "redraw" } as const;
  expect(first).toEqual(randomLabels(asked));
  expect(new SeedLabels(planOf("aug"), samples, 4).get("redraw", 100, 2)).toBe(first);
  expect(new SeedLabels(planOf("aug"), samples, 5).get("redraw", 100, 2)).not.toEqual(first);
});

test("another data set has labels of its own", () => {
  const [one, other] = [[1], [2]].map((indices) => {
    return new SeedLabels(planOf("none"), samplesOf(Int32Array.from(indices)), 4);
  });
  expect(one!.get("redraw", 1000, 0)).not.toEqual(other!.get("redraw", 1000, 0));
});

test("of seeds that were not used lately no more than 64 MB are kept", () => {
  // Says that it is long, but has no indices to draw labels for.
  const samples = samplesOf({ length: 2 ** 23, *[Symbol.iterator]() {} });
  const drawn = (seed: number) => new SeedLabels(planOf("none"), samples, seed).get("redraw", 2, 0);
  const [first, second] = [drawn(1), drawn(2)];
  expect([drawn(1), drawn(2)]).toEqual([first, second]);
  expect(drawn(1)).toBe(first);
  drawn(3); // beside it 1 and 2 are 64 MB
  expect(drawn(2)).toBe(second);
  drawn(4); // beside it 1, 2 and 3 are more: 1 was used first
  expect(drawn(2)).toBe(second);
  expect(drawn(1)).not.toBe(first);
});
