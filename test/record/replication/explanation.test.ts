import { expect, test } from "vitest";
import { explanationOf } from "../../../record/replication/explanation.ts";
import { runTable } from "../../../record/replication/run-table.ts";
import type { Run } from "../../../record/run.ts";
import {
  both,
  cellOf,
  diverged,
  withHeads,
  withTest,
  withTrain,
} from "../../world/reference-runs.ts";

const withLoss = (trainLossSum: number) => (run: Run) => ({
  ...run,
  final: { ...run.final!, trainLossSum },
});

/** Test accuracy is .4 throughout, so the gap's order is that of the train accuracy. */
const wayOf =
  (network: string) =>
  (regs: string, heads: number, train: number, loss: number, seeds = 2) =>
    cellOf({ network, regs }, [
      ...Array.from({ length: seeds }, (_, i) =>
        both(withHeads(heads), withTrain(train + i), withTest(4000), withLoss(loss)),
      ),
    ]);

const way = wayOf("mlp-256");

/** Learned complexity 1 2 3 4 5, gap 1 3 2 4 5, loss 5 4 3 1 2. */
const ways = (way: ReturnType<typeof wayOf>) => [
  ...way("none", 100, 1500, 500),
  ...way("aug", 200, 1700, 400),
  ...way("ls=0.1", 300, 1600, 300),
  ...way("wd=0.005", 400, 1800, 100),
  ...way("mixup=0.2", 500, 1900, 200),
];
const WAYS = ways(way);
const SEEDS = new Map([["mlp-256", [1, 2]]]);

test("tau within a network by hand, given the train loss by the partial formula", async () => {
  const { within, overAll } = await explanationOf(runTable(WAYS), SEEDS);
  const learned = within.find(({ complexity }) => complexity === "learnedComplexity")!;
  // of ten pairs one stands the wrong way in gap; against the loss one is right: nine wrong; gap and loss: eight wrong, two right
  const [gap, loss, gapLoss] = [0.8, -0.8, -0.6];
  expect(learned).toMatchObject({ network: "mlp-256", configurations: 5 });
  expect(learned.tau).toMatchObject({ mean: gap, count: 2 });
  const partial = (gap - loss * gapLoss) / Math.sqrt((1 - loss ** 2) * (1 - gapLoss ** 2));
  expect(learned.partial!.mean).toBeCloseTo(partial, 12);
  expect(overAll).toEqual([]);
});

test("tau over two networks, of which the second repeats the first: the same, as its pairs with its twin are tied", async () => {
  const table = runTable([...WAYS, ...ways(wayOf("mlp-512"))]);
  const { overAll } = await explanationOf(table, new Map([...SEEDS, ["mlp-512", [1, 2]]]));
  expect(overAll[0]).toMatchObject({ configurations: 10, networks: 2 });
  expect(overAll[0]!.tau!.mean).toBeCloseTo((36 - 4) / (45 - 5), 12);
});

test("an interval is no narrower than the step of two pairs gives", async () => {
  const { within } = await explanationOf(runTable(WAYS), SEEDS);
  const { mean, high } = within[0]!.tau!;
  const error = Math.sqrt((2 / 10) ** 2 / 12 / 2); // both seeds have the same order
  expect((high! - mean) / (12.706204736174694 * error)).toBeCloseTo(1, 9);
});

test("changes against none are paired by seed", async () => {
  const { interventions } = await explanationOf(runTable(WAYS), SEEDS);
  expect(interventions.map(({ regs }) => regs)).toEqual(["aug", "ls=0.1", "mixup=0.2", "wd=0.005"]);
  const [aug] = interventions;
  expect(aug!.changes.gap.mean).toBeCloseTo(200 / 2500, 12);
  expect(aug!.changes.learnedComplexity.mean).toBeCloseTo(100 / 2500 / 0.99, 12);
  expect(aug!.changes.testAccuracy.mean).toBe(0);
});

test("label noise, canaries, other heads, and what diverged or is missing are left out", async () => {
  const others = [
    ...way("noise=0.4", 600, 1000, 50),
    ...way("rl=10,noise=0.2", 600, 1000, 50),
    ...way("canary=25", 600, 1000, 50),
    ...way("dropout=0.1", 600, 1000, 50, 1),
    ...cellOf({ network: "mlp-256", regs: "sam=0.05" }, [diverged, diverged]),
    ...cellOf({ network: "mlp-256", regs: "cutout=8", headInput: "raw" }, [
      withTest(1),
      withTest(1),
    ]),
    ...cellOf({ network: "mlp-256", regs: "cutout=8", settings: ["epochs=9"] }, [
      ...[withTest(1), withTest(1)],
    ]),
  ];
  const { within, interventions } = await explanationOf(runTable([...WAYS, ...others]), SEEDS);
  expect(within[0]!.configurations).toBe(5);
  expect(interventions).toHaveLength(4);
  const few = await explanationOf(runTable(WAYS.slice(2)), SEEDS);
  expect([few.within, few.interventions]).toEqual([[], []]); // four ways, and none to compare with
});
