/** @file Source files of custom code in an output folder: `arch.ts` and `reg.ts`, held to the digests in config.json. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "../record/configuration.ts";
import { sourceDigest } from "../record/custom-code.ts";
import { EXIT, UserError } from "./errors.ts";
import { onDisk, writeAtomic } from "./files.ts";

/** Source texts, named as a result statement names them; null without one. */
export interface CustomSources {
  source: string | null;
  regSource: string | null;
}

export const NO_SOURCES: CustomSources = { source: null, regSource: null };

/** The file of each. */
export const SOURCE_FILES = { source: "arch.ts", regSource: "reg.ts" } as const;
const MEMBERS = Object.keys(SOURCE_FILES) as (keyof CustomSources)[];

export function writeSources(folder: string, sources: CustomSources): void {
  for (const member of MEMBERS)
    if (sources[member] !== null) writeAtomic(join(folder, SOURCE_FILES[member]), sources[member]);
}

/** @throws UserError naming a file that is missing, or is not the one that the folder was begun with. */
export function readSources(
  path: string,
  configuration: Pick<Configuration, keyof CustomSources>,
): CustomSources {
  const [source, regSource] = MEMBERS.map((member) =>
    readSource(join(path, SOURCE_FILES[member]), configuration[member]),
  );
  return { source: source!, regSource: regSource! };
}

function readSource(file: string, digest: string | null): string | null {
  if (digest === null) return null;
  const cure = "Put back the file that the folder was begun with, or train into another folder.";
  if (!existsSync(file))
    throw new UserError(
      `${file} is missing: config.json names code with SHA-256 ${digest}. ${cure}`,
      EXIT.verification,
    );
  const text = onDisk(() => readFileSync(file, "utf8"));
  const found = sourceDigest(text);
  if (found === digest) return text;
  throw new UserError(
    `${file} was changed: its SHA-256 is ${found}, config.json says ${digest}. ${cure}`,
    EXIT.verification,
  );
}
