/** @file The table of configurations: every mean with its 95 % interval. */

import type { Estimate, Outcome, Summary } from "../../record/summary.ts";
import type { VNode } from "preact";
import { h } from "../../site/markup/element.ts";
import { type Cell, type Column, table } from "../../site/markup/table.ts";
import { count, decimal, duration, percent, percentInterval } from "../../site/charts/numbers.ts";
import { widthText } from "../../site/charts/capacity-words.ts";
import { anchor } from "./chart-rows.ts";
import { type Study, type Trained, chanceLimits, epochsOf } from "./trained.ts";
import type { Run } from "../../record/run.ts";
import type { Protocol } from "../../record/protocols.ts";
import { normalizedAccuracy } from "../../record/metrics.ts";
import { leastVariance } from "../../record/least-variance.ts";
import { mean, tInterval } from "../../record/statistics/t-interval.ts";

interface Measure {
  title: string;
  /** Is it of the random labels that `rl=` suppresses? Left out where no run has any. */
  isOfSuppressed?: true;
  help: string;
  of: (outcome: Outcome, headline: number) => Estimate;
}

const SHARES: readonly Measure[] = [
  {
    title: "train (%)",
    help: "Accuracy on the training images at the end, without augmentation, on the labels trained on",
    of: ({ summary }) => summary.trainAccuracy,
  },
  {
    title: "test (%)",
    help: "Accuracy on the test images at the end",
    of: ({ summary }) => summary.testAccuracy,
  },
  {
    title: "gap (points)",
    help: "Train minus test accuracy, in percentage points",
    of: ({ summary }) => summary.gap,
  },
  {
    title: "learned complexity (%)",
    help: "Random labels that heads trained alongside get right at the end, at the last tap and the headline label space; 0 is chance, 100 every label; only draws that no regularizer acts on",
    of: ({ summary }) => summary.learnedComplexity,
  },
  {
    title: "− frozen heads",
    help: "Learned complexity minus that of the same heads on the frozen trunk, which never trains",
    of: ({ summary }) => summary.learnedMinusFrozen,
  },
  {
    title: "online (%)",
    help: "The same heads on training batches of the last epoch, before each update",
    of: onlineComplexity,
  },
  {
    title: "capacity (%)",
    help: "Ridge refits, on the final features, of labellings that no head met: no optimizer involved; on the same scale",
    of: ({ summary }) => summary.capacity,
  },
  {
    title: "− frozen trunk",
    help: "Capacity minus that of the trunk before training: refit against refit",
    of: ({ summary }) => summary.capacityMinusFrozen,
  },
  {
    title: "− leverages",
    help: "Capacity minus what a cloud with the features' spectrum and leverages would give; declared",
    of: ({ summary }) => summary.capacityMinusLeverages,
  },
  {
    title: "suppressed head (%)",
    isOfSuppressed: true,
    help: "Of the head whose labelling rl= suppresses; not part of the learned complexity",
    of: ({ summary }) => summary.regularizedComplexity,
  },
  {
    title: "selectivity (points)",
    isOfSuppressed: true,
    help: "Refit of the told labelling, which rl= suppresses, minus the mean over redraws; without rl= a negative control",
    of: ({ summary }) => summary.selectivity,
  },
];

/** One row a configuration; a point of the map leads to its row. */
export function configurationsTable(study: Study): VNode {
  const measures = SHARES.filter(({ isOfSuppressed }) => !isOfSuppressed || hasSuppressed(study));
  const columns: Column[] = [
    { title: "configuration" },
    { title: "parameters", numeric: true, help: "Of trunk and class head" },
    ...measures.map(({ title, help }): Column => ({ title, help, numeric: true })),
    {
      title: "equivalent width",
      numeric: true,
      help: "Of a shapeless cloud with the same capacity; comparable at one label space and sample size only",
    },
    {
      title: "effective rank",
      numeric: true,
      help: "exp(entropy of the spectrum of the last tap's features); declared",
    },
    { title: "seeds", numeric: true, help: "Finished, of those asked for" },
    { title: "diverged", numeric: true, help: "One diverged run makes every mean void" },
    {
      title: "time a run",
      numeric: true,
      help: "Training, evaluation and controls; mean over seeds",
    },
  ];
  const rows = study.configurations.map((trained, i) => row(trained, i, measures));
  return table("Means of each configuration", columns, rows);
}

function row(
  { folder, outcome, runs }: Trained,
  index: number,
  measures: readonly Measure[],
): (Cell | string)[] {
  const { arch, regs, seeds } = folder.configuration;
  const summary = outcome?.summary ?? null;
  const shares = measures.map(({ of }): Cell => {
    const value = outcome === null ? null : of(outcome, folder.protocol.headline);
    return { content: percentInterval(value), order: value?.mean ?? null };
  });
  return [
    {
      content: h("a", { id: anchor(index), href: `#details-${index + 1}` }, `${arch} ${regs}`),
    },
    { content: outcome === null ? "–" : count(outcome.params), order: outcome?.params ?? null },
    ...shares,
    {
      content: summary === null ? "–" : widthText(summary),
      order: summary?.equivalentWidth?.mean ?? null,
    },
    plain(summary?.controls?.effectiveRank ?? null, (value) => decimal(value, 1)),
    {
      content:
        runs.length < seeds.length ? `${runs.length} of ${seeds.length}` : String(runs.length),
      order: runs.length,
    },
    {
      content: summary === null ? "–" : `${summary.diverged} of ${summary.runs}`,
      order: summary?.diverged ?? null,
    },
    plain(summary?.seconds ?? null, duration),
  ];
}

function plain(value: Estimate, write: (value: number) => string): Cell {
  return { content: value === null ? "–" : write(value.mean), order: value?.mean ?? null };
}

function hasSuppressed({ configurations }: Study): boolean {
  return configurations.some(({ outcome }) =>
    outcome?.runs.some(({ heads }) => heads.some(({ regularized }) => regularized)),
  );
}

/** Like the learned complexity, but counted on the batches of the last epoch, before each update; null where that is null. */
export function onlineComplexity({ runs, summary }: Outcome, headline: number): Estimate {
  if (summary.learnedComplexity === null) return null;
  return tInterval(
    runs.map(({ heads }) => {
      const last = Math.max(...heads.map(({ tap }) => tap));
      const free = heads.filter(
        ({ tap, n, regularized }) => tap === last && n === headline && !regularized,
      );
      return mean(free.map(({ online, n }) => normalizedAccuracy(online ?? 0, n)));
    }),
    leastVariance("learnedComplexity", { headline, ...runs[0]!.counts }),
  );
}

type Controls = NonNullable<Summary["controls"]>;

/** Refits of the network and of the frozen trunk, and the null's rungs, in plain accuracy, wherever one of them was measured. */
export function controlsTable({ arch, regs, summary }: Outcome, controls: Controls): VNode {
  const places = new Map(
    [...controls.refit, ...controls.frozen, ...controls.null].map(({ tap, n }) => [
      `${tap}/${n}`,
      { tap, n },
    ]),
  );
  return table(
    `Controls of ${arch} ${regs}: accuracy on random labels`,
    [
      { title: "tap" },
      { title: "n", numeric: true },
      { title: "head, final (%)", numeric: true, help: "Draw 0, for comparison" },
      {
        title: "told, refit (%)",
        numeric: true,
        help: "Ridge regression of that draw's labelling, which the head was told, on the final features",
      },
      {
        title: "redraws, refit (%)",
        numeric: true,
        help: "The same for labellings that no head met; capacity is this from chance to every label",
      },
      { title: "frozen (%)", numeric: true, help: "Redraws on the trunk at initialization" },
      { title: "null: counts (%)", numeric: true, help: "A shapeless cloud of this width" },
      {
        title: "null: spectrum (%)",
        numeric: true,
        help: "A cloud with the features' spectrum; declared",
      },
      {
        title: "null: leverages (%)",
        numeric: true,
        help: "A cloud with the features' leverages as well; declared",
      },
    ],
    Array.from(places.values(), ({ tap, n }) => {
      const here = <T extends { tap: number; n: number }>(all: T[]) =>
        all.find((each) => each.tap === tap && each.n === n);
      const head = summary.heads.find(
        (each) => each.tap === tap && each.n === n && each.draw === 0,
      );
      const [refit, rungs] = [here(controls.refit), here(controls.null)];
      return [
        String(tap),
        String(n),
        share(head?.final),
        share(refit?.told),
        share(refit?.accuracy),
        share(here(controls.frozen)?.accuracy),
        percent(rungs?.counts?.mean ?? null),
        share(rungs?.spectrum),
        share(rungs?.leverages),
      ];
    }),
  );
}

/** One row a place; a cell is the counts of a seed's redraws 0..K-1, which capacity is the mean of. */
export function redrawCountsTable({ arch, regs, runs }: Outcome, { measures }: Protocol): VNode {
  const first = measures.refit.redraws;
  return table(
    `Correct labels of ${arch} ${regs} in refits of redraws 0 to ${first - 1}`,
    [
      { title: "refit" },
      ...runs.map(({ seed }) => ({ title: `seed ${seed}`, numeric: true as const })),
    ],
    (["refit", "frozen"] as const).flatMap((kind) =>
      (runs[0]?.controls?.[kind] ?? []).map(({ tap, n }, i) => [
        `${kind === "refit" ? "network" : "frozen trunk"}, tap ${tap}, n = ${n}`,
        ...runs.map(({ controls }) => {
          const counts = controls?.[kind][i]?.counts.redraws.slice(0, first) ?? [];
          return counts.length === 0 ? "–" : counts.join(", ");
        }),
      ]),
    ),
  );
}

export function spectrumTable({ arch, regs }: Outcome, controls: Controls): VNode {
  const rows: [string, Estimate][] = [
    ["effective rank", controls.effectiveRank],
    ["participation ratio", controls.participationRatio],
    ...controls.ridge.map(({ l, dimension }): [string, Estimate] => [
      `ridge effective dimension at ${l}`,
      dimension,
    ]),
  ];
  return table(
    `Spectrum of the last tap of ${arch} ${regs} (declared)`,
    [
      { title: "measure" },
      { title: "mean", numeric: true },
      { title: "95 % interval", numeric: true },
    ],
    rows.map(([name, value]) => [
      name,
      decimal(value?.mean ?? null),
      { content: interval(value), order: value?.mean ?? null },
    ]),
  );
}

function interval(value: Estimate): string {
  if (value === null || value.low === null || value.high === null) return "–";
  return `${decimal(value.low)} to ${decimal(value.high)}`;
}

function share(value: Estimate | undefined): Cell {
  return { content: percentInterval(value ?? null), order: value?.mean ?? null };
}

/** One row a head; a cell is `final / unseen` of a seed. */
export function headCountsTable({ arch, regs, runs }: Outcome, raw: readonly Run[]): VNode {
  const samples = raw[0]?.trainSamples ?? 0;
  return table(
    `Correct random labels of ${arch} ${regs}, of ${count(samples)}: final / never seen`,
    [
      { title: "head" },
      { title: "never seen, by chance", numeric: true, help: "Binomial limits at p = 1e-9" },
      ...runs.map(({ seed }) => ({ title: `seed ${seed}`, numeric: true as const })),
    ],
    (runs[0]?.heads ?? []).map(({ tap, n, draw }, i) => {
      const { low, high } = chanceLimits(samples, n);
      return [
        `tap ${tap}, n = ${n}, draw ${draw}`,
        { content: `${low} to ${high}`, order: low },
        ...runs.map(({ heads }) => {
          const { final, unseen } = heads[i]!.counts;
          const content = final === null || unseen === null ? "–" : `${final} / ${unseen}`;
          return { content, order: final };
        }),
      ];
    }),
  );
}

const COLUMNS: readonly Column[] = [
  { title: "tap" },
  { title: "n", numeric: true, help: "Size of the label space" },
  { title: "draw", numeric: true, help: "Which independent set of random labels" },
  {
    title: "online (%)",
    numeric: true,
    help: "On training batches of the last epoch, before each update",
  },
  { title: "final (%)", numeric: true, help: "After training, in evaluation mode" },
  {
    title: "above chance (%)",
    numeric: true,
    help: "Final, rescaled: 0 is chance, 100 every label",
  },
  { title: "bits", numeric: true, help: "Memorized bits a sample; declared; can be negative" },
  { title: "unseen (%)", numeric: true, help: "Against labels the head never met: must be chance" },
  { title: "chance (%)", numeric: true },
];

/** Accuracy of every random-label head, mean over seeds. */
export function headsTable({ arch, regs, taps, summary }: Outcome): VNode {
  return table(
    `Random-label heads of ${arch} ${regs}`,
    COLUMNS,
    summary.heads.map((head) => [
      `${head.tap} ${taps[head.tap - 1] ?? ""}${head.regularized ? " (suppressed)" : ""}`,
      String(head.n),
      String(head.draw),
      headShare(head.online),
      headShare(head.final),
      headShare(head.normalized),
      bits(head.bits),
      headShare(head.unseen, 2),
      percent(1 / head.n, 2),
    ]),
  );
}

function headShare(value: Estimate, digits = 1): Cell {
  return { content: percentInterval(value, digits), order: value?.mean ?? null };
}

function bits(value: Estimate): Cell {
  return { content: decimal(value?.mean ?? null), order: value?.mean ?? null };
}

/** Every run as raw counts. */
export function runsTable(study: Study): VNode {
  const { configurations } = study;
  return table(
    "Raw counts of every run",
    [
      { title: "configuration" },
      { title: "seed", numeric: true },
      { title: "status" },
      { title: "epochs", numeric: true },
      { title: "train correct", numeric: true, help: "Of the training images, in evaluation mode" },
      { title: "test correct", numeric: true, help: "Of the test images" },
      { title: "gap (points)", numeric: true },
      { title: "learned complexity (%)", numeric: true },
      { title: "capacity (%)", numeric: true },
      { title: "equivalent width", numeric: true },
      { title: "clipped (%)", numeric: true, help: "Share of steps whose gradient was clipped" },
      { title: "time", numeric: true },
      { title: "images/s", numeric: true },
    ],
    configurations.flatMap(({ folder, outcome, pending }) => {
      const name = `${folder.configuration.arch} ${folder.configuration.regs}`;
      return [
        ...(outcome?.runs ?? []).map((run): (Cell | string)[] => [
          name,
          String(run.seed),
          run.status,
          String(run.epochs),
          fraction(run.counts.trainCorrect, run.counts.trainSamples),
          fraction(run.counts.testCorrect, run.counts.testSamples),
          percent(run.gap, 2),
          percent(run.learnedComplexity, 2),
          percent(run.capacity, 2),
          runWidth(run),
          percent(run.clippedShare),
          { content: duration(run.seconds), order: run.seconds },
          { content: count(run.imagesPerSecond ?? 0), order: run.imagesPerSecond },
        ]),
        ...pending.map(({ seed, epochs }) => [
          name,
          String(seed),
          "unfinished",
          { content: `${epochs} of ${epochsOf(study)}`, order: epochs },
          ...Array.from({ length: 9 }, () => "–"),
        ]),
      ];
    }),
  );
}

function runWidth({ equivalentWidth, equivalentWidthBound }: Outcome["runs"][number]): Cell {
  const width = decimal(equivalentWidth, 1);
  return {
    content: equivalentWidthBound === null ? width : `${equivalentWidthBound} ${width}`,
    order: equivalentWidth,
  };
}

function fraction(correct: number | null, of: number): Cell {
  return {
    content: correct === null ? "–" : `${count(correct)} / ${count(of)}`,
    order: correct,
  };
}
