/** @file How far the reference is: of each step, what is there, what is missing, and what that takes. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Column, formatTable } from "../harness/terminal-table.ts";
import { formatDuration } from "../harness/format.ts";
import { openFolder } from "../harness/study/run-folder.ts";
import { findProtocol } from "../record/protocols.ts";
import type { PlannedCell } from "./cells.ts";
import { isListed } from "./listing.ts";
import type { Step } from "./steps.ts";
import { type Store, cellPath, finishedSeeds, listedPath, secondsOfRun } from "./store.ts";

interface StepProgress {
  title: string;
  cells: number;
  /** Cells that lack nothing. */
  done: number;
  /** Runs that are there, of those that the step has beside the steps before it. */
  runs: number;
  of: number;
  /** For what is missing. */
  coreSeconds: number;
}

/** In the order in which they are trained; a run that several steps ask for counts in the first. */
export function progressOf(steps: readonly Step[], store: Store): StepProgress[] {
  const met = new Set<string>();
  const all = steps.flatMap(({ cells }) => cells);
  return steps.map((step) => {
    const rows = step.cells.map((cell) => progressOfCell(cell, step, store, met, all));
    const sum = (read: (row: (typeof rows)[number]) => number) =>
      rows.reduce((total, row) => total + read(row), 0);
    return {
      ...{ title: step.title, cells: rows.length, done: sum(({ isDone }) => Number(isDone)) },
      ...{ runs: sum(({ runs }) => runs), of: sum((row) => row.of) },
      coreSeconds: sum((row) => row.coreSeconds),
    };
  });
}

function progressOfCell(
  cell: PlannedCell,
  step: Step,
  store: Store,
  met: Set<string>,
  all: readonly PlannedCell[],
) {
  const place = cellPath(store, cell);
  const seeds = step.seeds(cell).filter((seed) => !met.has(`${place} ${seed}`));
  for (const seed of seeds) met.add(`${place} ${seed}`);
  const isListing = step.kind === "list";
  const fresh = isListing ? freshRuns(cell, store) : { runs: 0, of: 0 };
  const runs = finishedSeeds(place, seeds).length + fresh.runs;
  const of = seeds.length + fresh.of;
  const isDone = runs === of && (!isListing || isListed({ store }, cell));
  return { runs, of, isDone, coreSeconds: (of - runs) * secondsOfRun(store, cell, all) };
}

/** Fresh runs that are there, and how many there will be: which seeds, only the challenge tells. */
function freshRuns(cell: PlannedCell, store: Store): { runs: number; of: number } {
  const { freshSeeds, panelSeeds } = findProtocol(cell.base);
  const path = listedPath(store, cell);
  if (!existsSync(join(path, "config.json"))) return { runs: 0, of: freshSeeds };
  const { seeds } = openFolder(path).configuration;
  const fresh = seeds.filter((seed) => !panelSeeds.includes(seed));
  return { runs: finishedSeeds(path, fresh).length, of: freshSeeds };
}

const COLUMNS: Column[] = [
  { title: "", align: "right" },
  { title: "step, in this order", align: "left" },
  { title: "cells", align: "right" },
  { title: "runs", align: "right" },
  { title: "to do, core time", align: "right" },
  { title: "over by", align: "right" },
];

/** @param jobs cores that are at work. */
export function progressTable(rows: readonly StepProgress[], jobs: number): string {
  let seconds = 0;
  const cells = rows.map(({ title, cells, done, runs, of, coreSeconds }, i) => {
    seconds += coreSeconds / jobs;
    const isDone = done === cells;
    return [
      ...[String(i + 1), title, `${done}/${cells}`, `${runs}/${of}`],
      ...(isDone ? ["done", ""] : [formatDuration(coreSeconds), formatDuration(seconds)]),
    ];
  });
  const left = rows.reduce((sum, { coreSeconds }) => sum + coreSeconds, 0);
  return (
    formatTable(COLUMNS, cells) +
    `Left: ${formatDuration(left)} of a core, ${formatDuration(left / jobs)} with --jobs ${jobs}. Costs are as measured in ` +
    "the runs that are there; before the first of a kind, a guess.\n"
  );
}
