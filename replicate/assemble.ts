/**
 * @file Puts the reference together from what is finished: the log's dump, and the runs that no log takes, signed by the
 * same key. It can be done at any time; what is missing is simply not in it.
 */

import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { EXIT, UserError } from "../harness/errors.ts";
import { makeFolder, writeAtomic } from "../harness/files.ts";
import { readState } from "../harness/listing/folder-state.ts";
import { environmentFields } from "../harness/listing/submission.ts";
import { environmentsOfRuns, unlikeReasons } from "../harness/study/run-environments.ts";
import { openFolder, readRun } from "../harness/study/run-folder.ts";
import {
  type Reference,
  readReference,
  sealUnlistedRuns,
} from "../record/replication/reference.ts";
import type { PlannedCell } from "./cells.ts";
import { protocolOf } from "./cost.ts";
import type { OpenLog } from "./log.ts";
import { type Store, cellPath, finishedSeeds, listedPath } from "./store.ts";

export interface Assembled {
  reference: Reference;
  /** Compressed. */
  bytes: { log: number; runs: number };
}

/**
 * Writes `log.jsonl.gz` and `runs.jsonl.gz`, once both have been read as their readers will.
 *
 * @param folder made if it is not there.
 */
export async function assemble(
  cells: readonly PlannedCell[],
  folder: string,
  store: Store,
  log: OpenLog,
): Promise<Assembled> {
  const { seed } = await log.signer.unlock();
  const lines = { log: await dumpOf(log), runs: [] as string[] };
  for (const cell of cells)
    for (const runs of unlistedRuns(store, cell, log.signer.publicKey))
      lines.runs.push(await sealUnlistedRuns(runs, seed));
  const reference = await readReference(lines);
  makeFolder(folder);
  const bytes = {
    log: writeLines(join(folder, "log.jsonl.gz"), lines.log),
    runs: writeLines(join(folder, "runs.jsonl.gz"), lines.runs),
  };
  return { reference, bytes };
}

/** What everybody may read of the log, which is all of it. */
async function dumpOf({ url }: OpenLog): Promise<string[]> {
  const answer = await fetch(`${url}/v1/export/log.jsonl.gz`);
  if (!answer.ok) throw new UserError(`The log cannot be read: ${answer.status}.`, EXIT.network);
  const text = gunzipSync(await answer.arrayBuffer()).toString();
  return text.split("\n").filter((line) => line !== "");
}

/** A cell's runs beside those of its entry, in lines of runs that were made alike. */
function unlistedRuns(
  store: Store,
  cell: PlannedCell,
  key: string,
): Parameters<typeof sealUnlistedRuns>[0][] {
  const path = cellPath(store, cell);
  const seeds = finishedSeeds(path, cell.seeds);
  if (seeds.length === 0) return [];
  const folder = openFolder(path);
  const listed = listedSeeds(store, cell);
  const rest = seeds.filter((seed) => !listed.includes(seed));
  return alike(path, rest).map((some) => ({
    ...{ key, inLog: false, base: cell.base, settings: [...cell.settings] },
    ...{ protocol: protocolOf(cell), headInput: cell.headInput },
    ...{ arch: folder.configuration.arch, regs: folder.configuration.regs },
    runs: some.map((seed) => readRun(folder, seed)!),
    ...environmentFields(path, folder.configuration, some),
  }));
}

/** Of the entry, once it is listed; a cell of another protocol or head has none, though an entry may bear the same name. */
function listedSeeds(store: Store, cell: PlannedCell): readonly number[] {
  if (!cell.isListed) return [];
  const path = listedPath(store, cell);
  return readState(path, "receipt") === null ? [] : openFolder(path).configuration.seeds;
}

/** Seeds whose runs one line may declare one machine and version for; each alone where they differ. */
function alike(path: string, seeds: readonly number[]): number[][] {
  if (seeds.length === 0) return [];
  const isOne = unlikeReasons(environmentsOfRuns(path, seeds)).length === 0;
  return isOne ? [[...seeds]] : seeds.map((seed) => [seed]);
}

/** @returns bytes. */
function writeLines(path: string, lines: readonly string[]): number {
  const bytes = gzipSync(lines.map((line) => `${line}\n`).join(""), { level: 9 });
  writeAtomic(path, bytes);
  return bytes.length;
}
