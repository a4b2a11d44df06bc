/** @file What a random-label accuracy has to be read beside. */

import type { Estimate, Outcome, Summary } from "../../record/summary.ts";
import { percentInterval } from "../../site/charts/percent.ts";
import { type Cell, table } from "../../site/charts/element.ts";

type Controls = NonNullable<Summary["controls"]>;

const TOO_MUCH = "a formula, which says too much where a label has fewer than 20 samples";

/** Refit, frozen random trunk and the two nulls, in plain accuracy, wherever one of them was measured. */
export function controlsTable(
  { arch, regs, summary }: Outcome,
  controls: Controls,
  document: Document,
): HTMLElement {
  const places = new Map(
    [...controls.refit, ...controls.frozen, ...controls.null].map(({ tap, n }) => [
      `${tap}/${n}`,
      { tap, n },
    ]),
  );
  return table(
    document,
    `Controls of ${arch} ${regs}: accuracy on random labels`,
    [
      { title: "tap" },
      { title: "n", numeric: true },
      { title: "head, final (%)", numeric: true, help: "Draw 0, for comparison" },
      { title: "refit (%)", numeric: true, help: "Ridge regression on the final features" },
      { title: "frozen (%)", numeric: true, help: "The same on the trunk at initialisation" },
      { title: "null (%)", numeric: true, help: `A generic cloud of this width; ${TOO_MUCH}` },
      {
        title: "ridge null (%)",
        numeric: true,
        help: `A generic cloud of this effective dimension; ${TOO_MUCH}`,
      },
    ],
    Array.from(places.values(), ({ tap, n }) => {
      const here = <T extends { tap: number; n: number }>(all: T[]) =>
        all.find((each) => each.tap === tap && each.n === n);
      const head = summary.heads.find(
        (each) => each.tap === tap && each.n === n && each.draw === 0,
      );
      const generic = here(controls.null);
      return [
        String(tap),
        String(n),
        share(head?.final),
        share(here(controls.refit)?.accuracy),
        share(here(controls.frozen)?.accuracy),
        share(generic?.accuracy),
        share(generic?.ridgeAccuracy),
      ];
    }),
  );
}

export function spectrumTable(
  { arch, regs }: Outcome,
  controls: Controls,
  document: Document,
): HTMLElement {
  const rows: [string, Estimate][] = [
    ["effective rank", controls.effectiveRank],
    ["participation ratio", controls.participationRatio],
    ...controls.ridge.map(({ l, dimension }): [string, Estimate] => [
      `ridge effective dimension at ${l}`,
      dimension,
    ]),
  ];
  return table(
    document,
    `Spectrum of the last tap of ${arch} ${regs} (declared)`,
    [
      { title: "measure" },
      { title: "mean", numeric: true },
      { title: "95 % interval", numeric: true },
    ],
    rows.map(([name, value]) => [
      name,
      value?.mean.toFixed(2) ?? "–",
      { content: interval(value), order: value?.mean ?? null },
    ]),
  );
}

function interval(value: Estimate): string {
  if (value === null || value.low === null || value.high === null) return "–";
  return `${value.low.toFixed(2)} to ${value.high.toFixed(2)}`;
}

function share(value: Estimate | undefined): Cell {
  return { content: percentInterval(value ?? null), order: value?.mean ?? null };
}
