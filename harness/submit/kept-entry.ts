/** @file The entry that a folder reproduces, kept in it so that the comparison is always with the same bytes. */

import { UserError } from "../errors.ts";
import { makeFolder } from "../files.ts";
import { requireOwnPlace } from "../sweep/output-folder.ts";
import { type FetchedEntry, openEntry } from "./fetched-entry.ts";
import { hasState, readState, writeState } from "./folder-state.ts";

/** Null where the folder keeps none. @throws UserError when it keeps another. */
export async function keptEntry(folder: string, id: string): Promise<FetchedEntry | null> {
  const envelope = readState(folder, "entry");
  if (envelope === null) return null;
  const entry = await openEntry(envelope);
  if (entry.id === id) return entry;
  throw new UserError(`${folder} reproduces another entry, ${entry.id}. Choose another --out.`);
}

/** @throws UserError when the folder has something else in it. */
export function keepEntry(folder: string, { envelope }: FetchedEntry): void {
  if (hasState(folder, "entry")) return;
  requireOwnPlace(folder);
  makeFolder(folder);
  writeState(folder, "entry", envelope);
}
