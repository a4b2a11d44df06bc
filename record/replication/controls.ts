/** @file What stands beside each contrast, without a test of its own (docs/replication-plan.md, last column). */

import { tapsOf } from "../architecture.ts";
import { headPlaces, isSamePlace, regularizedPlace } from "../head-places.ts";
import { leastVarianceAt } from "../least-variance.ts";
import { normalizedAccuracy } from "../normalized-accuracy.ts";
import type { Protocol } from "../protocols.ts";
import { parseRegularizers } from "../regularizers.ts";
import type { Run } from "../run.ts";
import { mean } from "../statistics/t-interval.ts";
import { nearDuplicateGain, nearDuplicateSteps } from "./memorised.ts";
import { type Measured, measured, minus } from "./measured.ts";
import { depthWeights, tapComplexity } from "./quantities.ts";
import type { Cell } from "./run-table.ts";
import {
  type Choice,
  EMPTY_CONTRAST,
  type Ranks,
  type SeedContrast,
  type Term,
} from "./seed-contrast.ts";

export interface Control {
  /** What its number is. */
  title: string;
  contrast: SeedContrast;
  /** `mean` over seeds, with its interval; or how far seeds spread, as a standard deviation. */
  shown: "mean" | "spread";
}

/** @param taps of the network; `main` is the contrast that they stand beside. */
export function controlsOf(
  claim: string,
  { network, taps, main }: { network: string; taps: number; main: SeedContrast },
): Control[] {
  return CONTROLS[claim]?.({ network, taps, main }) ?? [];
}

interface Beside {
  network: string;
  taps: number;
  main: SeedContrast;
}

/** Networks that are also trained with head input `raw`, and on 500, 1,000 and 5,000 samples. */
const BOTH_INPUTS = ["mlp-256", "cnn-16"];

const CONTROLS: Readonly<Record<string, (beside: Beside) => Control[]>> = {
  T2: () => [
    value(
      "refit against refit: capacity minus the frozen trunk's",
      "none",
      measured("capacityMinusFrozen"),
    ),
  ],
  T3: () => [
    value("the same of the heads on the frozen trunk", "none", FROZEN_RISE),
    value("the difference of the two", "none", minus(measured("onlineRise"), FROZEN_RISE)),
  ],
  T4: (beside) => fallControls(beside, "dropout=0.5"),
  T5: (beside) => fallControls(beside, "wd=0.02"),
  T6: (beside) => fallControls(beside, "ls=0.3"),
  T7: ({ taps }) => [
    value("rise of the frozen trunk's refits", "none", depthRise(taps, frozenRefit)),
    value("rise of the null's rung leverages", "none", depthRise(taps, leverages)),
    ...each(taps, (tap) => value(`frozen trunk's refits at tap ${tap}`, "none", frozenRefit(tap))),
    ...each(taps, (tap) => value(`null's rung leverages at tap ${tap}`, "none", leverages(tap))),
  ],
  T8: ({ main }) => suppressionControls(main.terms[0]!.cell.regs),
  T9: () => [
    {
      title: "the best of none and three wd= minus none, chosen alike, at m = 2,500",
      contrast: {
        ...EMPTY_CONTRAST,
        choices: [best(["none", ...DECAYS], measured("testAccuracy"), 1)],
        terms: [term(own("none"), measured("testAccuracy"), -1)],
      },
      shown: "mean",
    },
  ],
  T10: () => [
    {
      title: "none minus the lambda that is best at m = 500",
      contrast: {
        ...EMPTY_CONTRAST,
        terms: [term(own("none", FEW), measured("testAccuracy"), 1)],
        choices: [best(["rl=1", "rl=10", "rl=100", "rl=1000"], measured("testAccuracy"), -1, FEW)],
      },
      shown: "mean",
    },
  ],
  T11: () => [
    change(
      "test accuracy at noise=0.2",
      ["noise=0.2", "rl=10,noise=0.2"],
      measured("testAccuracy"),
    ),
    ...["noise=0.4", "noise=0.2"].map((noise) =>
      change(`share of wrong labels fitted at ${noise}`, [noise, `rl=10,${noise}`], NOISY_FIT),
    ),
    change(
      "learned complexity at noise=0.4",
      ["noise=0.4", "rl=10,noise=0.4"],
      measured("learnedComplexity"),
    ),
  ],
  T12: ({ taps }) => [
    {
      ...value("standard deviation over seeds at lambda = 0, tap 1", "none", head(1)),
      shown: "spread",
    },
    ...each(taps, (tap) => change(`tap ${tap}`, ["none", "rl=10"], head(tap))).slice(1),
  ],
  T13: ({ main }) => [
    {
      title: "minus the null's rung leverages at each m",
      contrast: { ...main, terms: main.terms.map((each) => ({ ...each, measured: BEYOND_NULL })) },
      shown: "mean",
    },
  ],
  Q1: ({ main }) => rankControls(main),
  Q2: () => [value("selectivity of none, null by construction", "none", measured("selectivity"))],
  Q3: () => [
    against("dropout=0.1, 0.3, 0.5", ["dropout=0.1", "dropout=0.3", "dropout=0.5"]),
    against("ls=0.1, 0.3", ["ls=0.1", "ls=0.3"]),
    change(
      "test accuracy of mixup=0.2 minus none",
      ["none", "mixup=0.2"],
      measured("testAccuracy"),
    ),
    change("test accuracy of sam=0.05 minus none", ["none", "sam=0.05"], measured("testAccuracy")),
    {
      title: "learned complexity of the chosen rl= minus that of the chosen wd=",
      contrast: {
        ...EMPTY_CONTRAST,
        choices: [
          {
            ...best(SUPPRESSIONS, measured("learnedComplexity"), 1),
            judgedBy: measured("testAccuracy"),
          },
          {
            ...best(DECAYS, measured("learnedComplexity"), -1),
            judgedBy: measured("testAccuracy"),
          },
        ],
      },
      shown: "mean",
    },
  ],
  Q6: () => [value("the same of near-duplicates that were not trained on", "none", OTHERS_GAIN)],
};

/** A of each tap, as levels of depth. */
export function tapLevels(taps: number): { name: string; term: Term }[] {
  return each(taps, (tap) => ({ name: `tap ${tap}`, term: term(own("none"), head(tap), 1) }));
}

const DECAYS = ["wd=0.001", "wd=0.005", "wd=0.02"];
const SUPPRESSIONS = ["rl=1", "rl=10", "rl=100"];
const FEW = ["subset.perClass=50"];

export const own = (regs: string, settings: readonly string[] = []): Cell => ({
  settings,
  regs,
  headInput: "rms",
});

const term = (cell: Cell, measured: Measured, weight: number): Term => ({ cell, measured, weight });

const each = <T>(taps: number, make: (tap: number) => T): T[] =>
  Array.from({ length: taps }, (_, t) => make(t + 1));

/** One cell's number. */
function value(title: string, regs: string, of: Measured): Control {
  const contrast = { ...EMPTY_CONTRAST, terms: [term(own(regs), of, 1)] };
  return { title, contrast, shown: "mean" };
}

/** The second of two cells minus the first. */
function change(
  title: string,
  [from, to]: readonly [string, string] | readonly string[],
  of: Measured,
  at: Partial<Cell> = {},
): Control {
  const terms = [term({ ...own(to), ...at }, of, 1), term({ ...own(from), ...at }, of, -1)];
  return { title, contrast: { ...EMPTY_CONTRAST, terms }, shown: "mean" };
}

function best(
  among: readonly string[],
  by: Measured,
  weight: number,
  settings: readonly string[] = [],
): Choice {
  const cells = among.map((regs) => own(regs, settings));
  return {
    among: cells.map((cell) => ({ judged: cell, taken: cell })),
    ...{ judgedBy: by, measured: by, weight },
  };
}

/** The best of these minus the best of three strengths of weight decay, in test accuracy. */
function against(title: string, among: readonly string[]): Control {
  const by = measured("testAccuracy");
  return {
    title: `test accuracy of the best of ${title} minus the best of three wd=`,
    contrast: { ...EMPTY_CONTRAST, choices: [best(among, by, 1), best(DECAYS, by, -1)] },
    shown: "mean",
  };
}

/** The same fall of capacity; none minus the strongest with either input of the heads, and with fewer samples. */
function fallControls({ network, main }: Beside, strongest: string): Control[] {
  const capacity = main.terms.map((each) => ({ ...each, measured: measured("capacity") }));
  const ends = (title: string, at: Partial<Cell>) =>
    change(
      `none minus ${strongest}, ${title}`,
      [strongest, "none"],
      measured("learnedComplexity"),
      at,
    );
  return [
    { title: "the same fall of capacity", contrast: { ...main, terms: capacity }, shown: "mean" },
    ...(BOTH_INPUTS.includes(network)
      ? [
          ends("head input rms", {}),
          ends("head input raw", { headInput: "raw" }),
          ends("m = 1,000", { settings: ["subset.perClass=100"] }),
        ]
      : []),
  ];
}

/** The same order by what features allow, and by selectivity; and without the cells that `rl=` pushes. */
function rankControls(main: SeedContrast): Control[] {
  const changed = (title: string, change: (ranks: Ranks) => Partial<Ranks>): Control => ({
    title,
    contrast: { ...main, ranks: main.ranks.map((ranks) => ({ ...ranks, ...change(ranks) })) },
    shown: "mean",
  });
  return [
    changed("the same with capacity", () => ({ y: measured("capacity") })),
    changed("the same with selectivity", () => ({ y: measured("selectivity") })),
    changed("the same without rl=10", ({ cells }) => ({
      cells: cells.filter(({ regs }) => !regs.includes("rl=")),
    })),
  ];
}

/** What suppression does to labels that it does not act on, and to what the features allow. */
function suppressionControls(regs: string): Control[] {
  const here = (title: string, of: Measured) =>
    change(`${title}: ${regs} minus none`, ["none", regs], of);
  return [
    value(`RL-acc of draw 1 under ${regs}`, regs, lastHead(100, 1, false)),
    here("A of draw 1", lastHead(100, 1, true)),
    ...[2, 10, 1000].map((n) => here(`A at n = ${n}`, lastHead(n, 0, true))),
    here("capacity", measured("capacity")),
  ];
}

const isMeasured = (run: Run) => run.status !== "diverged";

/** A of a tap's heads at the headline n, without the one that `rl=` acts on. */
function head(tap: number): Measured {
  return {
    of: (run, protocol) => (isMeasured(run) ? tapComplexity(run, protocol, tap) : null),
    least: (run, { headline }) => leastVarianceAt("normalized", headline, run.trainSamples),
  };
}

/** A head of the last tap: its accuracy, or A. */
function lastHead(n: number, draw: number, isNormalized: boolean): Measured {
  return {
    of(run) {
      const place = { tap: tapsOf(run).length, n, draw };
      const found = run.heads?.find((each) => isSamePlace(each, place));
      if (!found) return null;
      const accuracy = found.final / run.trainSamples;
      return isNormalized ? normalizedAccuracy(accuracy, n) : accuracy;
    },
    least: ({ trainSamples }) =>
      leastVarianceAt(isNormalized ? "normalized" : "final", n, trainSamples),
  };
}

/** Capacity of the frozen trunk at a tap. */
function frozenRefit(tap: number): Measured {
  return {
    of(run, { headline, measures }) {
      const found = run.controls?.frozen.find((each) => each.tap === tap && each.n === headline);
      if (!found) return null;
      const { redraws } = measures.refit;
      return normalizedAccuracy(mean(found.redraws.slice(0, redraws)) / run.trainSamples, headline);
    },
    least: (run, { headline }) => leastVarianceAt("capacity", headline, run.trainSamples),
  };
}

/** A of the null's richest rung at a tap; it has no step. */
function leverages(tap: number): Measured {
  return {
    of(run, { headline }) {
      const found = run.controls?.null.find((each) => each.tap === tap && each.n === headline);
      return found ? normalizedAccuracy(found.leverages, headline) : null;
    },
    least: () => 0,
  };
}

/** As the quantity `depthRise`, of other numbers of a tap. */
function depthRise(taps: number, at: (tap: number) => Measured): Measured {
  const weights = depthWeights(taps);
  const numbers = each(taps, at);
  return {
    of(run, protocol) {
      const values = numbers.map(({ of }) => of(run, protocol));
      if (values.includes(null)) return null;
      return weights.reduce((sum, weight, t) => sum + weight * values[t]!, 0);
    },
    least: (run, protocol) =>
      weights.reduce((sum, weight, t) => sum + weight ** 2 * numbers[t]!.least(run, protocol), 0),
  };
}

/** As the quantity `onlineRise`, of the same draws' heads on the frozen trunk. */
const FROZEN_RISE: Measured = {
  of(run, protocol) {
    const [first, last] = [run.epochs[0], run.epochs.at(-1)];
    const draws = freeDraws(run, protocol);
    if (!isMeasured(run) || !first || !last || run.frozenHeads?.length === 0) return null;
    const online = ({ frozenOnline, seen }: Run["epochs"][number]) =>
      mean(draws.map((draw) => normalizedAccuracy(frozenOnline[draw]! / seen, protocol.headline)));
    return online(last) - online(first);
  },
  least: (run, protocol) => measured("onlineRise").least(run, protocol),
};

/** Draws of the last tap at the headline n that `rl=` does not act on. */
function freeDraws(run: Run, protocol: Protocol): number[] {
  const taps = tapsOf(run).length;
  const acted = regularizedPlace(parseRegularizers(run.regs), protocol, taps);
  return headPlaces(protocol, taps)
    .filter(({ tap, n }) => tap === taps && n === protocol.headline)
    .filter((place) => !isSamePlace(place, acted))
    .map(({ draw }) => draw);
}

const BEYOND_NULL = minus(measured("learnedComplexity"), measured("leveragesNull"));

const OTHERS_GAIN: Measured = {
  of: (run) => nearDuplicateGain(run, "others"),
  least: (run) =>
    nearDuplicateSteps(run, "others").reduce((sum, step) => sum + (step * step) / 12, 0),
};

/** Of the samples whose label was changed, the share predicted as changed. */
const NOISY_FIT: Measured = {
  of({ measures }) {
    const fit = measures?.noisyLabels ?? null;
    return fit === null || fit.changed === 0 ? null : fit.fitted / fit.changed;
  },
  least({ measures, trainSamples }) {
    return leastVarianceAt("final", 2, measures?.noisyLabels?.changed ?? trainSamples);
  },
};
