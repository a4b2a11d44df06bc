/** @file Accuracy of every random-label head, mean over seeds. */

import { parseArchitecture, tapNames } from "../../record/architecture.ts";
import type { Estimate, Outcome } from "../../record/summary.ts";
import { percent, percentInterval } from "../../site/charts/percent.ts";
import { type Cell, type Column, table } from "../../site/charts/element.ts";

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
  { title: "bits", numeric: true, help: "Memorised bits a sample; declared; can be negative" },
  { title: "unseen (%)", numeric: true, help: "Against labels the head never met: must be chance" },
  { title: "chance (%)", numeric: true },
];

export function headsTable({ arch, regs, summary }: Outcome, document: Document): HTMLElement {
  const taps = tapNames(parseArchitecture(arch));
  return table(
    document,
    `Random-label heads of ${arch} ${regs}`,
    COLUMNS,
    summary.heads.map((head) => [
      `${head.tap} ${taps[head.tap - 1] ?? ""}${head.regularized ? " (suppressed)" : ""}`,
      String(head.n),
      String(head.draw),
      share(head.online),
      share(head.final),
      share(head.normalized),
      bits(head.bits),
      share(head.unseen, 2),
      percent(1 / head.n, 2),
    ]),
  );
}

function share(value: Estimate, digits = 1): Cell {
  return { content: percentInterval(value, digits), order: value?.mean ?? null };
}

function bits(value: Estimate): Cell {
  const text = value === null ? "–" : value.mean.toFixed(2).replace("-", "−");
  return { content: text, order: value?.mean ?? null };
}
