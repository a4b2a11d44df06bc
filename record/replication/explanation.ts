/**
 * @file Does complexity explain the generalization gap? Within architectures, over all of them given width and train loss,
 * and where something was done to complexity: a description of the reference runs, without a test.
 */

import { partialGiven, partialTau, pairCount, tauOf } from "../statistics/kendall-tau.ts";
import { tInterval } from "../statistics/t-interval.ts";
import type { Interval } from "../statistics/interval.ts";
import { own } from "./controls.ts";
import { measured } from "./measured.ts";
import { metricsOf } from "./quantities.ts";
import { EMPTY_CONTRAST, seedValues } from "./seed-contrast.ts";
import type { RunTable } from "./run-table.ts";

/** The two numbers that are called complexity. */
export const COMPLEXITIES = ["learnedComplexity", "capacity"] as const;
type Complexity = (typeof COMPLEXITIES)[number];

export interface WithinNetwork {
  network: string;
  complexity: Complexity;
  /** Ways to train it that are compared: all that were trained but label noise and canaries. */
  configurations: number;
  /** Kendall's tau-b with the gap, over them; mean over seeds, as all that follow. */
  tau: Interval | null;
  /** The same given the train loss. */
  partial: Interval | null;
}

export interface OverAll {
  complexity: Complexity;
  configurations: number;
  networks: number;
  tau: Interval | null;
  /** Given the last tap's width and the train loss. */
  partial: Interval | null;
}

export interface Intervention {
  network: string;
  regs: string;
  /** Paired with `none`, seed by seed: with minus without. */
  changes: Record<Complexity | "gap" | "testAccuracy", Interval>;
}

export interface Explanation {
  within: WithinNetwork[];
  /** None where a single network has runs. */
  overAll: OverAll[];
  interventions: Intervention[];
}

/** Fewer configurations have too few pairs for an order. */
const FEWEST = 5;

/** @param seeds of each network, ascending. */
export async function explanationOf(
  table: RunTable,
  seeds: ReadonlyMap<string, readonly number[]>,
): Promise<Explanation> {
  const networks = Array.from(seeds, ([network, own]) => ({
    network,
    seeds: own,
    regs: comparable(table, network, own),
  }));
  const shared = Math.min(...networks.map(({ seeds }) => seeds.length));
  const within = networks.filter(({ regs }) => regs.length >= FEWEST);
  return {
    within: within.flatMap(({ network, seeds, regs }) =>
      COMPLEXITIES.map((complexity) => {
        const points = seeds.map((seed) => regs.map((each) => point(table, network, each, seed)));
        return {
          ...{ network, complexity, configurations: regs.length },
          tau: overSeeds(
            points.map((each) => tauWithGap(each, complexity)),
            regs.length,
          ),
          partial: overSeeds(
            points.map((each) => givenTrainLoss(each, complexity)),
            regs.length,
          ),
        };
      }),
    ),
    overAll:
      networks.filter(({ regs }) => regs.length > 0).length < 2
        ? []
        : await Promise.all(
            COMPLEXITIES.map((complexity) => overAll(table, networks, shared, complexity)),
          ),
    interventions: networks.flatMap(({ network, seeds, regs }) =>
      regs.includes("none")
        ? regs
            .filter((each) => each !== "none")
            .map((each) => interventionOf(table, network, each, seeds))
        : [],
    ),
  };
}

/** Canonical regularizers whose runs are all there and all completed; `none` first. */
function comparable(table: RunTable, network: string, seeds: readonly number[]): string[] {
  const isOther = (regs: string) => /(^|,)(noise|canary)=/.test(regs);
  const isWhole = (regs: string) =>
    seeds.every((seed) => table.find(network, own(regs), seed)?.run.status === "completed");
  return table
    .regularizers(network)
    .filter((regs) => !isOther(regs) && isWhole(regs))
    .sort((a, b) => Number(b === "none") - Number(a === "none") || (a < b ? -1 : 1));
}

interface Point extends Record<Complexity, number> {
  gap: number;
  trainLoss: number;
  width: number;
}

function point(table: RunTable, network: string, regs: string, seed: number): Point {
  const { run, protocol } = table.find(network, own(regs), seed)!;
  const { learnedComplexity, capacity, gap, trainLoss, controls } = metricsOf(run, protocol);
  return {
    learnedComplexity: learnedComplexity!,
    capacity: capacity!,
    gap: gap!,
    trainLoss: trainLoss!,
    width: controls!.null.at(-1)!.width,
  };
}

const column = (points: readonly Point[], name: keyof Point) => points.map((each) => each[name]);

function tauWithGap(points: readonly Point[], complexity: Complexity): number | null {
  return tauOf(column(points, complexity), column(points, "gap"));
}

function givenTrainLoss(points: readonly Point[], complexity: Complexity): number | null {
  const loss = column(points, "trainLoss");
  return partialGiven(
    tauWithGap(points, complexity),
    tauOf(column(points, complexity), loss),
    tauOf(column(points, "gap"), loss),
  );
}

/** Null where a seed has none; a tau over k configurations moves in steps of two of its pairs. */
function overSeeds(taus: readonly (number | null)[], configurations: number): Interval | null {
  if (taus.length === 0 || taus.includes(null)) return null;
  return tInterval(taus as number[], (2 / pairCount(configurations)) ** 2 / 12);
}

/** At the seeds that all networks share. */
async function overAll(
  table: RunTable,
  networks: readonly { network: string; seeds: readonly number[]; regs: readonly string[] }[],
  shared: number,
  complexity: Complexity,
): Promise<OverAll> {
  const members = networks.flatMap(({ network, seeds, regs }) =>
    regs.map((each) => ({ network, regs: each, seeds })),
  );
  const bySeed = Array.from({ length: members.length === 0 ? 0 : shared }, (_, i) =>
    members.map(({ network, regs, seeds }) => point(table, network, regs, seeds[i]!)),
  );
  const partials = await Promise.all(
    bySeed.map((points) =>
      partialTau(
        points.map(({ gap, trainLoss, width, [complexity]: measure }) => {
          return { measure, gap, trainLoss, width };
        }),
        () => Promise.resolve(),
      ),
    ),
  );
  return {
    ...{ complexity, configurations: members.length },
    networks: new Set(members.map(({ network }) => network)).size,
    tau: overSeeds(
      bySeed.map((points) => tauWithGap(points, complexity)),
      members.length,
    ),
    partial: overSeeds(partials, members.length),
  };
}

function interventionOf(
  table: RunTable,
  network: string,
  regs: string,
  seeds: readonly number[],
): Intervention {
  const change = (name: Complexity | "gap" | "testAccuracy") => {
    const terms = [
      { cell: own(regs), measured: measured(name), weight: 1 },
      { cell: own("none"), measured: measured(name), weight: -1 },
    ];
    const found = seedValues({ ...EMPTY_CONTRAST, terms }, network, seeds, table);
    if (found.state !== "complete") throw new Error(`${network} ${regs}: ${found.state}`);
    return tInterval(found.values, found.least);
  };
  return {
    ...{ network, regs },
    changes: {
      learnedComplexity: change("learnedComplexity"),
      capacity: change("capacity"),
      gap: change("gap"),
      testAccuracy: change("testAccuracy"),
    },
  };
}
