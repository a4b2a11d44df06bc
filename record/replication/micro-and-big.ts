/**
 * @file Does micro predict big? How alike micro-1 and cifar10-1, cut to ten epochs, order eight configurations that were
 * chosen before any of them was trained. An estimate: nothing is tested.
 */

import { z } from "zod";
import { runMetrics } from "../metrics.ts";
import { percentile, seededRandom, tauOf } from "../statistics/kendall-tau.ts";
import { mean } from "../statistics/t-interval.ts";
import file from "./micro-and-big.json" with { type: "json" };
import { type Reference, type ReferenceRun, cellKey } from "./reference.ts";

/** What moves complexity and accuracy most apart. */
export const COMPARED = [
  { network: "mlp-128", regs: "none" },
  { network: "mlp-256", regs: "none" },
  { network: "mlp-512", regs: "none" },
  { network: "cnn-16", regs: "none" },
  { network: "mlp-256", regs: "dropout=0.5" },
  { network: "mlp-256", regs: "wd=0.02" },
  { network: "mlp-256", regs: "rl=10" },
  { network: "mlp-256", regs: "aug" },
] as const;

/** The two sides. */
export const MICRO = { base: "micro-1", settings: [] as string[], headInput: "rms" } as const;
export const BIG = { base: "cifar10-1", settings: ["epochs=10"], headInput: "rms" } as const;

/** Of each configuration on either side. */
export const COMPARED_SEEDS = [1, 2, 3];

/** Each at its protocol's own headline n. */
const QUANTITIES = ["learnedComplexity", "capacity", "gap", "testAccuracy"] as const;

export const MicroAndBig = z.strictObject({
  quantities: z.array(
    z.strictObject({
      quantity: z.enum(QUANTITIES),
      /** Kendall's tau-b of the configurations' means over seeds. */
      tau: z.number().min(-1).max(1),
      /** 95 %, over configurations and seeds. */
      low: z.number().min(-1).max(1),
      high: z.number().min(-1).max(1),
    }),
  ),
  configurations: z.int().min(1),
  seeds: z.int().min(1),
});
export type MicroAndBig = z.infer<typeof MicroAndBig>;

/** As computed from the reference that is committed; null until it has the runs. */
export const microAndBigFile: MicroAndBig | null = MicroAndBig.nullable().parse(file);

/** Null while a run of either side is missing or diverged. */
export function microAndBig({ runs }: Pick<Reference, "runs">): MicroAndBig | null {
  const byRun = new Map(runs.map((each) => [`${cellKey(each)} ${each.seed}`, each]));
  const found = COMPARED.flatMap((cell) =>
    [MICRO, BIG].flatMap((side) =>
      COMPARED_SEEDS.map((seed) => byRun.get(`${cellKey({ ...cell, ...side })} ${seed}`)),
    ),
  );
  if (!found.every((each) => each?.run.status === "completed")) return null;
  const metrics = (found as ReferenceRun[]).map(({ run, protocol }) => runMetrics(run, protocol));
  const count = COMPARED_SEEDS.length;
  const quantities = QUANTITIES.map((quantity) => {
    const values = metrics.map((each) => each[quantity]!);
    const pairs = COMPARED.map((_, i) => ({
      micro: values.slice(2 * i * count, (2 * i + 1) * count),
      big: values.slice((2 * i + 1) * count, (2 * i + 2) * count),
    }));
    return { quantity, ...rankCorrelation(pairs) };
  });
  return { quantities, configurations: COMPARED.length, seeds: count };
}

/** A configuration's values on either side, one a seed. */
interface Pair {
  micro: readonly number[];
  big: readonly number[];
}

const RESAMPLES = 2000;
const SEED = 20_260_131;

/**
 * tau-b of the means, with a percentile bootstrap: each resample draws seeds within every configuration and side, then
 * configurations, with replacement. One that was drawn twice is tied with itself on both sides, and so counts in no pair.
 */
export function rankCorrelation(pairs: readonly Pair[]): {
  tau: number;
  low: number;
  high: number;
} {
  const random = seededRandom(SEED);
  const draw = <T>(from: readonly T[]) => from.map(() => from[Math.floor(random() * from.length)]!);
  const tau = (points: readonly (readonly [number, number])[]) =>
    tauOf(
      points.map(([x]) => x),
      points.map(([, y]) => y),
    );
  const point = ({ micro, big }: Pair) => [mean(micro), mean(big)] as const;
  const taus = Array.from({ length: RESAMPLES }, () => {
    const points = pairs.map(({ micro, big }) => point({ micro: draw(micro), big: draw(big) }));
    return tau(draw(points));
  });
  const sorted = taus.filter((value) => value !== null).sort((a, b) => a - b);
  return {
    tau: tau(pairs.map(point)) ?? 0,
    low: percentile(sorted, 0.025),
    high: percentile(sorted, 0.975),
  };
}
