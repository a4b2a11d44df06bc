/** @file `data.json` of an output folder: the name and the place of somebody's own data, which no protocol holds. */

import { join } from "node:path";
import { z } from "zod";
import { datasetLabel } from "../../../record/datasets.ts";
import type { Protocol } from "../../../record/protocols.ts";
import { Digest } from "../../../record/run.ts";
import { LocalSource } from "./prepared.ts";
import { readDocument, writeJsonAtomic } from "../../files.ts";

export const DATA_FILE = "data.json";

export const DataNote = z.strictObject({
  /** As `rademark data add` named it, or its folder's. */
  name: z.string(),
  /** Where it was when the run began. */
  source: LocalSource,
  /** Those of the protocol. */
  digests: z.strictObject({ train: Digest, test: Digest }),
});
export type DataNote = z.infer<typeof DataNote>;

/** Null for a run on a published data set. @throws UserError for a damaged file. */
export function readDataNote(folder: string): DataNote | null {
  return readDocument(join(folder, DATA_FILE), DataNote);
}

export function writeDataNote(folder: string, note: DataNote): void {
  writeJsonAtomic(join(folder, DATA_FILE), note);
}

/** `flowers (local data 3f2a9c1b)`; a published data set by its name alone. */
export function dataWords({ path, protocol }: { path: string; protocol: Protocol }): string {
  const label = datasetLabel(protocol);
  const name = typeof protocol.dataset === "string" ? undefined : readDataNote(path)?.name;
  return name === undefined ? label : `${name} (${label})`;
}

/** What summary.json says of somebody's own data; nothing on a published data set. */
export function summarizedData({ path, protocol }: { path: string; protocol: Protocol }): {
  data?: { name: string | null } & Protocol["digests"];
} {
  if (typeof protocol.dataset === "string") return {};
  return { data: { name: readDataNote(path)?.name ?? null, ...protocol.digests } };
}
