/** @file The API's goals, and what came of them. */

import type { ApiFigures } from "./api-measures.ts";
import { left, markdownTable, right } from "../training/markdown-table.ts";
import type { DeploymentFigures } from "./bench-run.ts";

interface Goal {
  what: string;
  /** In milliseconds. */
  value: (figures: ApiFigures) => number;
  most: number | null;
  /** The median whose growth from size to size is judged. */
  median?: (figures: ApiFigures) => number;
}

export const GOALS: readonly Goal[] = [
  {
    what: "cached page at 1,000 a second, p95",
    value: ({ cached }) => cached.p95,
    most: 5,
    median: ({ cached }) => cached.median,
  },
  { what: "the same in gzip, p95", value: ({ compressed }) => compressed.p95, most: 5 },
  {
    what: "uncached page, p95",
    value: ({ uncached }) => uncached.p95,
    most: 50,
    median: ({ uncached }) => uncached.median,
  },
  {
    what: "uncached page of one architecture, p95",
    value: ({ ofArchitecture }) => ofArchitecture.p95,
    most: 50,
  },
  { what: "uncached page of one key, p95", value: ({ ofKey }) => ofKey.p95, most: 50 },
  {
    what: "POST of a result, p95",
    value: ({ postResult }) => postResult.p95,
    most: 60,
    median: ({ postResult }) => postResult.median,
  },
  { what: "POST of a commitment, p95", value: ({ postChallenge }) => postChallenge.p95, most: 60 },
  {
    what: "POST of a challenged result, p95",
    value: ({ postChallenged }) => postChallenged.p95,
    most: 60,
  },
  { what: "from a receipt to the board, p95", value: ({ fresh }) => fresh.p95, most: 2000 },
];

/** A smaller difference is due to the clock and the scheduler. */
const NOISE_MILLISECONDS = 1;

const milliseconds = (value: number) => (value < 100 ? value.toFixed(1) : value.toFixed(0));

/** One row for each goal at each size, one column for each deployment. */
export function goalTable(deployments: readonly DeploymentFigures[]): string {
  const sizes = sizesOf(deployments);
  const columns = [left("milliseconds"), right("entries")].concat(
    deployments.map(({ deployment }) => right(deployment)),
    [right("goal"), left("")],
  );
  const rows = GOALS.flatMap((goal) =>
    sizes.map((entries, i) => {
      const values = deployments.map(({ sizes }) => (sizes[i] ? goal.value(sizes[i]) : null));
      const verdict = values.every((value) => value === null || value <= goal.most!);
      const shown = values.map((value) => (value === null ? "–" : milliseconds(value)));
      const goalOf = `< ${goal.most}`;
      return [goal.what, grouped(entries), ...shown, goalOf, verdict ? "met" : "missed"];
    }),
  );
  return markdownTable(columns, rows);
}

/** Sizes of the deployment that has most of them; the others stop sooner. */
function sizesOf(deployments: readonly DeploymentFigures[]): number[] {
  const all = deployments.map(({ sizes }) => sizes.map(({ entries }) => entries));
  return all.reduce((most, each) => (each.length > most.length ? each : most));
}

/** Goal: from a deployment's smallest board to its largest, medians grow no faster than the logarithm of entries. */
export function growthTable(deployments: readonly DeploymentFigures[]): string {
  const allowed = deployments.map(
    ({ sizes }) => Math.log(sizes.at(-1)!.entries) / Math.log(sizes[0]!.entries),
  );
  const columns = [left("growth of the median from the smallest board to the largest")];
  const rows = GOALS.filter(({ median }) => median).map(({ what, median }) => {
    const pairs = deployments.map(
      ({ sizes }) => [median!(sizes[0]!), median!(sizes.at(-1)!)] as const,
    );
    const isMet = pairs.every(
      ([small, large], i) => large <= small * allowed[i]! || large - small < NOISE_MILLISECONDS,
    );
    const ratios = pairs.map(
      ([small, large]) =>
        `${(large / small).toFixed(2)} (${milliseconds(large)} to ${milliseconds(small)})`,
    );
    const goal = allowed.map((each) => `<= ${each.toFixed(2)}`).join(", ");
    return [what.replace(", p95", ""), ...ratios, goal, isMet ? "met" : "missed"];
  });
  const others = [
    ...deployments.map(({ deployment }) => right(deployment)),
    right("goal"),
    left(""),
  ];
  return markdownTable(columns.concat(others), rows);
}

export function throughputTable(deployments: readonly DeploymentFigures[]): string {
  const columns = [
    left("cached pages a second"),
    ...deployments.map(({ deployment }) => right(deployment)),
  ];
  const rows = sizesOf(deployments).map((entries, i) => [
    `${grouped(entries)} entries`,
    ...deployments.map(({ sizes }) =>
      sizes[i] ? grouped(Math.round(sizes[i].most.requestsPerSecond)) : "–",
    ),
  ]);
  return markdownTable(columns, rows);
}

export function fillSentences(deployments: readonly DeploymentFigures[]): string {
  return deployments
    .map(({ deployment, fills }) => {
      const parts = fills.map(
        ({ entries, way, seconds }) =>
          `${grouped(entries)} ${way} in ${seconds.toFixed(0)} s (${(entries / seconds).toFixed(0)} a second)`,
      );
      return `- ${deployment}: ${parts.join(", ")}`;
    })
    .join("\n");
}

const grouped = (value: number) => value.toLocaleString("en");
