/** @file Names that a person gave to data, `rademark data add NAME PLACE`: one file each, so that any folder can be current. */

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DATASET_NAMES } from "../../../record/datasets.ts";
import { Digest } from "../../../record/run.ts";
import { UserError } from "../../errors.ts";
import { makeFolder, onDisk, readDocument, writeJsonAtomic } from "../../files.ts";
import { byCodeUnit } from "./code-units.ts";
import { LocalSource } from "./prepared.ts";

export const NamedData = z.strictObject({
  source: LocalSource,
  digests: z.strictObject({ train: Digest, test: Digest }),
  trainSamples: z.int(),
  testSamples: z.int(),
  classes: z.int(),
});
export type NamedData = z.infer<typeof NamedData>;

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/i;

/** @throws UserError for a name that could be something else. */
export function requireName(name: string): void {
  if ((DATASET_NAMES as readonly string[]).includes(name))
    throw new UserError(`${name} is a published data set; choose another name`);
  if (!NAME.test(name))
    throw new UserError(
      `"${name}": a name has up to 64 letters, digits, dots, dashes and underscores`,
    );
}

/** @param config the config folder. */
export function readName(config: string, name: string): NamedData | null {
  return NAME.test(name) ? readDocument(fileOf(config, name), NamedData) : null;
}

export function writeName(config: string, name: string, data: NamedData): void {
  makeFolder(folderOf(config));
  writeJsonAtomic(fileOf(config, name), data);
}

export function removeName(config: string, name: string): void {
  onDisk(() => rmSync(fileOf(config, name), { force: true }));
}

/** Every name, in order. @throws UserError for a damaged file. */
export function listNames(config: string): [name: string, data: NamedData][] {
  if (!existsSync(folderOf(config))) return [];
  const files = onDisk(() => readdirSync(folderOf(config)));
  return files
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .sort(byCodeUnit)
    .flatMap((name) => {
      const data = readName(config, name);
      return data === null ? [] : [[name, data] as [string, NamedData]];
    });
}

const ENDING = ".json";
const folderOf = (config: string) => join(config, "data");
const fileOf = (config: string, name: string) => join(folderOf(config), name + ENDING);
