/** @file Raw counts of every head and seed, with what chance allows the negative control. */

import type { Outcome } from "../../record/summary.ts";
import type { Run } from "../../record/run.ts";
import { table } from "../../site/charts/element.ts";
import { chanceLimits } from "./negative-control.ts";
import { count } from "./numbers.ts";

/** One row a head; a cell is `final / unseen` of a seed. */
export function headCountsTable(
  { arch, regs, runs }: Outcome,
  raw: readonly Run[],
  document: Document,
): HTMLElement {
  const samples = raw[0]?.trainSamples ?? 0;
  return table(
    document,
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
