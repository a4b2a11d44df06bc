/** @file The table of configurations: every mean with its 95 % interval. */

import type { Estimate, Outcome } from "../../record/summary.ts";
import { type Cell, type Column, html, table } from "../../site/charts/element.ts";
import { percentInterval } from "../../site/charts/percent.ts";
import { anchor } from "./chart-rows.ts";
import { count, seconds } from "./numbers.ts";
import { onlineComplexity } from "./online-complexity.ts";
import type { Study } from "./study.ts";
import type { Trained } from "./trained.ts";

interface Measure {
  title: string;
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
    title: "complexity (%)",
    help: "Random-label accuracy at the last tap and the headline label space, after training; 0 is chance, 100 every label; only draws that no regularizer acts on",
    of: ({ summary }) => summary.complexity,
  },
  {
    title: "− frozen",
    help: "Complexity (an SGD head) minus that of a ridge refit on the untrained trunk; compare refit with refit",
    of: ({ summary }) => summary.complexityMinusFrozen,
  },
  {
    title: "− null",
    help: "Complexity minus what a generic cloud of the same width and number of samples would give",
    of: ({ summary }) => summary.complexityMinusNull,
  },
  {
    title: "suppressed (%)",
    help: "The same accuracy for the draw of random labels that rl= suppresses; not part of the complexity",
    of: ({ summary }) => summary.regularizedComplexity,
  },
  {
    title: "online (%)",
    help: "Random-label accuracy on training batches in the last epoch, before each update; rescaled like the complexity",
    of: onlineComplexity,
  },
  {
    title: "refit (%)",
    help: "Ridge regression of the random labels on the final features: no optimiser involved; rescaled like the complexity",
    of: ({ summary }) => summary.refitComplexity,
  },
];

/** One row a configuration; a point of the map leads to its row. */
export function configurationsTable(study: Study, document: Document): HTMLElement {
  const measures = SHARES.filter(({ title }) => title !== "suppressed (%)" || hasSuppressed(study));
  const columns: Column[] = [
    { title: "configuration" },
    { title: "parameters", numeric: true, help: "Of trunk and class head" },
    ...measures.map(({ title, help }): Column => ({ title, help, numeric: true })),
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
  const rows = study.configurations.map((trained, i) => row(trained, i, measures, document));
  return table(document, "Means of each configuration", columns, rows);
}

function row(
  { folder, outcome, runs }: Trained,
  index: number,
  measures: readonly Measure[],
  document: Document,
): (Cell | string)[] {
  const { arch, regs, seeds } = folder.configuration;
  const summary = outcome?.summary ?? null;
  const shares = measures.map(({ of }): Cell => {
    const value = outcome === null ? null : of(outcome, folder.protocol.headline);
    return { content: percentInterval(value), order: value?.mean ?? null };
  });
  return [
    {
      content: html(
        document,
        "a",
        { id: anchor(index), href: `#details-${index + 1}` },
        `${arch} ${regs}`,
      ),
    },
    { content: outcome === null ? "–" : count(outcome.params), order: outcome?.params ?? null },
    ...shares,
    plain(summary?.controls?.effectiveRank ?? null, (value) => value.toFixed(1)),
    {
      content:
        runs.length < seeds.length ? `${runs.length} of ${seeds.length}` : String(runs.length),
      order: runs.length,
    },
    {
      content: summary === null ? "–" : `${summary.diverged} of ${summary.runs}`,
      order: summary?.diverged ?? null,
    },
    plain(summary?.seconds ?? null, seconds),
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
