/** @file `rademark export DIR`: the finished runs of an output folder as tidy tables, one file each. */

import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, join, resolve, sep } from "node:path";
import { csvText } from "../../record/csv.ts";
import { type TidyTable, tidyRecords } from "../../record/tidy-tables.ts";
import { UserError } from "../errors.ts";
import { makeFolder, onDisk, writeAtomic } from "../files.ts";
import { tablesOf } from "./study-tables.ts";
import { type Study, readStudy } from "./trained.ts";

/** How each kind of file is written. */
const WRITERS = {
  csv: ({ columns, rows }: TidyTable) =>
    csvText(
      columns.map(({ name }) => name),
      rows,
    ),
  jsonl: (table: TidyTable) =>
    tidyRecords(table)
      .map((record) => `${JSON.stringify(record)}\n`)
      .join(""),
  // Loaded when asked for: nothing else needs it.
  parquet: async (table: TidyTable) => (await import("./parquet.ts")).parquetBytes(table),
} as const satisfies Record<string, (table: TidyTable) => unknown>;

export type TableFormat = keyof typeof WRITERS;
export const TABLE_FORMATS = Object.keys(WRITERS) as TableFormat[];

interface Exported {
  /** Absolute paths of the files, in the order of the tables. */
  files: string[];
  /** What a reader of the tables must know, such as runs that are not finished. */
  notices: string[];
}

/**
 * Writes every table or, where one cannot be written, none.
 *
 * @param folder of a run or a sweep; every number is recomputed from its counts.
 * @param out a folder, made unless it exists; other files in it are left alone.
 * @param replaces do files of an earlier export go?
 * @throws UserError for damaged or edited files, for a folder without a finished run, and for files in the way.
 */
export async function exportTables(
  folder: string,
  { format, out, replaces }: { format: TableFormat; out: string; replaces: boolean },
): Promise<Exported> {
  const study = readStudy(folder);
  requirePlace(study, out);
  const tables = tablesOf(study);
  if (tables.find(({ name }) => name === "runs")?.rows.length === 0)
    throw new UserError(`${folder} has no finished run yet. Train it: rademark resume ${folder}`);
  const files = tables.map(({ name }) => `${name}.${format}`);
  requireFree(out, files, replaces);
  makeFolder(out);
  await writeAll(out, tables, format);
  return { files: files.map((name) => join(out, name)), notices: noticesOf(study) };
}

/**
 * A run's own folder holds nothing but the run, and its manifest lists all that is in it.
 *
 * @throws UserError for a place there, or one that is no folder.
 */
function requirePlace({ configurations }: Study, out: string): void {
  const stats = onDisk(() => statSync(out, { throwIfNoEntry: false }));
  if (stats !== undefined && !stats.isDirectory())
    throw new UserError(`${out} is a file; the tables need a folder. Choose another name.`);
  const runs = configurations.map(({ folder }) => resolve(folder.path));
  const around = runs.find((path) => out === path || out.startsWith(path + sep));
  if (around !== undefined)
    throw new UserError(
      `${out} lies in the folder of a run (${around}), which holds nothing else. Choose a folder beside it.`,
    );
}

/** @throws UserError naming what is there already, and may not be replaced. */
function requireFree(out: string, files: readonly string[], replaces: boolean): void {
  const present = files.filter((name) => existsSync(join(out, name)));
  const others = present.filter((name) => !statSync(join(out, name)).isFile());
  if (others.length > 0)
    throw new UserError(`${join(out, others[0]!)} is no file. Choose another folder.`);
  if (present.length > 0 && !replaces)
    throw new UserError(
      `${out} holds ${present.join(", ")} already. Choose another folder, or replace them with --force.`,
    );
}

/** In a folder of drafts first, so that a full disk leaves an earlier export as it was. */
async function writeAll(out: string, tables: readonly TidyTable[], format: TableFormat) {
  const drafts = onDisk(() => mkdtempSync(join(out, ".tables-")), out);
  try {
    for (const table of tables)
      writeAtomic(join(drafts, `${table.name}.${format}`), await WRITERS[format](table));
    onDisk(() => {
      for (const name of readdirSync(drafts)) renameSync(join(drafts, name), join(out, name));
    }, out);
  } finally {
    rmSync(drafts, { recursive: true, force: true });
  }
}

function noticesOf({ configurations }: Study): string[] {
  return configurations.flatMap(({ folder, pending, notices }) => {
    const seeds = pending.map(({ seed }) => seed).join(", ");
    const missing = `${basename(folder.path)}: not finished and left out: ${pending.length === 1 ? "seed" : "seeds"} ${seeds}`;
    return [...(pending.length > 0 ? [missing] : []), ...notices];
  });
}
