/** @file Where the reference grows: folders of runs in the cache, which later sittings continue. */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson } from "../record/canonical-json.ts";
import { readDocument } from "../harness/files.ts";
import { finalPath } from "../harness/study/run-folder.ts";
import { folderName } from "../harness/study/sweep-folder.ts";
import { Run } from "../record/run.ts";
import type { ReferenceCell } from "../record/replication/reference.ts";
import { guessedSeconds } from "./cost.ts";

export interface Store {
  /** Everything lies below it. */
  root: string;
  /** Holds the log and its key. */
  server: string;
  /** Holds the keys that sign and the queue of what waits: never the person's own. */
  config: string;
}

export function storeAt(root: string): Store {
  return { root, server: join(root, "server"), config: join(root, "config") };
}

/** A sweep's folder: it holds one protocol and one kind of head. */
export function sweepPath({ root }: Store, cell: ReferenceCell): string {
  return join(root, "runs", sweepName(cell));
}

export function cellPath(store: Store, cell: ReferenceCell): string {
  return join(sweepPath(store, cell), outputName(cell));
}

/** A sweep's folder of what was challenged, beside the one whose panel it takes. */
export function listedSweepPath({ root }: Store, { base }: Pick<ReferenceCell, "base">): string {
  return join(root, "listed", base);
}

export function listedPath(store: Store, cell: ReferenceCell): string {
  return join(listedSweepPath(store, cell), outputName(cell));
}

export const outputName = ({ network, regs }: Pick<ReferenceCell, "network" | "regs">) =>
  folderName({ arch: network, regs });

/** Seeds of these whose run is there. */
export function finishedSeeds(folder: string, seeds: readonly number[]): number[] {
  return seeds.filter((seed) => existsSync(finalPath(folder, seed)));
}

/**
 * Core-seconds of a run of the cell: the mean over its own finished runs, else over those of its network under the same
 * protocol, else a guess. One thread a run, so that a second of a clock is one of a core.
 */
export function secondsOfRun(
  store: Store,
  cell: ReferenceCell,
  among: readonly ReferenceCell[],
): number {
  const own = measuredSeconds(store, cell);
  if (own !== null) return own;
  const alike = among.filter(
    (each) => each.network === cell.network && sweepName(each) === sweepName(cell),
  );
  const measured = alike.flatMap((each) => measuredSeconds(store, each) ?? []);
  return measured.length === 0 ? guessedSeconds(cell) : sum(measured) / measured.length;
}

/** Of the cell's first finished seed; null without one. */
function measuredSeconds(store: Store, cell: ReferenceCell): number | null {
  const run = readDocument(finalPath(cellPath(store, cell), 1), Run.pick({ timing: true }).loose());
  if (run === null) return null;
  const { trainSeconds, evaluateSeconds, controlSeconds } = run.timing;
  return trainSeconds + evaluateSeconds + controlSeconds;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const LONGEST_NAME = 60;

/** `micro-1`, or with what was changed and digits that no other change has. */
function sweepName({ base, settings, headInput }: ReferenceCell): string {
  const changes = [...settings, ...(headInput === "rms" ? [] : [headInput])];
  if (changes.length === 0) return base;
  const words = changes
    .join("+")
    .replaceAll(/[^A-Za-z0-9.=+-]/g, "")
    .slice(0, LONGEST_NAME);
  const digits = createHash("sha256").update(canonicalJson(changes)).digest("hex").slice(0, 8);
  return `${base}+${words}-${digits}`;
}
