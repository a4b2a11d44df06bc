/**
 * @file Reproduces listed cells by another key on seeds of its own, with `rademark repro`, which signs the outcome whatever
 * it is. On the machine that founded the log this shows that the numbers do not hang on seeds, and nothing about machines.
 */

import { join } from "node:path";
import { main } from "../harness/cli/main.ts";
import { EXIT, type ExitCode } from "../harness/errors.ts";
import { hasState, readState } from "../harness/listing/folder-state.ts";
import type { PlannedCell } from "./cells.ts";
import { type OpenLog, ensureKey } from "./log.ts";
import { type Sitting, worse } from "./sitting.ts";
import type { Step } from "./steps.ts";
import { type Store, listedPath, outputName } from "./store.ts";

const REPRODUCING_KEY = "reproducer";
const DISPLAY_NAME = "Rademark reference, once more";

/**
 * @param count of entries in all, those of earlier sittings among them; the first that are listed, of the cheapest network first.
 * @returns how many of them are reproduced now.
 */
export async function reproduce(
  count: number,
  steps: readonly Step[],
  { store, jobs, quiet }: Sitting,
  { url, effects }: OpenLog,
): Promise<{ exitCode: ExitCode; reproduced: number }> {
  const chosen = listedCells(steps, store).slice(0, count);
  await ensureKey(REPRODUCING_KEY, DISPLAY_NAME, effects);
  let exitCode: ExitCode = EXIT.ok;
  for (const cell of chosen.filter((each) => !isReproduced(store, each))) {
    const { id } = readState(listedPath(store, cell), "receipt")!;
    const how = ["--api", url, "--key", REPRODUCING_KEY, "--jobs", String(jobs), "--threads", "1"];
    const out = ["--out", reproductionPath(store, cell), ...(quiet ? ["--quiet"] : [])];
    exitCode = worse(exitCode, await main(["repro", id, ...how, ...out], effects));
    if (exitCode === EXIT.interrupted) break;
  }
  const reproduced = chosen.filter((cell) => isReproduced(store, cell)).length;
  return { exitCode, reproduced };
}

/** By what a run of their network costs, then in the plan's order. */
function listedCells(steps: readonly Step[], store: Store): PlannedCell[] {
  const cells = steps.filter(({ kind }) => kind === "list").flatMap((step) => step.cells);
  const place = ({ network }: PlannedCell) => CHEAPEST.indexOf(network);
  return cells
    .filter((cell) => hasState(listedPath(store, cell), "receipt") && place(cell) >= 0)
    .sort((a, b) => place(a) - place(b));
}

/** Networks of which entries are reproduced. */
const CHEAPEST = ["mlp-128", "mlp-256", "mlp-512", "cnn-16"];

const reproductionPath = ({ root }: Store, cell: PlannedCell) =>
  join(root, "reproduced", cell.base, outputName(cell));

const isReproduced = (store: Store, cell: PlannedCell) =>
  hasState(reproductionPath(store, cell), "receipt");
