/** @file The architecture and the regularizer of an output folder's own files, loaded: only code that may run here. */

import { join } from "node:path";
import type { Configuration } from "../../record/configuration.ts";
import { type CustomSources, SOURCE_FILES, readSources } from "../custom-sources.ts";
import { EXIT, UserError } from "../errors.ts";
import { customLoss } from "./custom-loss.ts";
import { loadArchitecture, loadRegularizer } from "./custom-module.ts";
import { customTrunk } from "./custom-trunk.ts";
import type { OwnParts } from "./plan.ts";

/** What the files are called in messages. */
export type FileNames = CustomSources;

export interface Permission {
  /** SHA-256 of every source that may run in this process. */
  allowed: readonly string[];
  /** Null: those in the folder. */
  names: FileNames | null;
}

/**
 * Loads anew at every call.
 *
 * @returns the configuration with the taps that its architecture declares, if it does not say them yet.
 * @throws UserError for code that nobody allowed to run, for a changed file, and for code that cannot be loaded.
 */
export async function loadParts(
  folder: string,
  configuration: Configuration,
  { allowed, names }: Permission,
): Promise<{ configuration: Configuration; own: OwnParts }> {
  const { source, regSource } = configuration;
  for (const digest of [source, regSource])
    if (digest !== null && !allowed.includes(digest)) throw notAllowed(folder, digest);
  const texts = readSources(folder, configuration);
  const named = (member: keyof CustomSources) => ({
    file: names?.[member] ?? join(folder, SOURCE_FILES[member]),
    text: texts[member]!,
  });
  const architecture = source === null ? null : await loadArchitecture(named("source"));
  const customTaps = configuration.customTaps ?? architecture?.taps ?? null;
  const regularizer = regSource === null ? null : await loadRegularizer(named("regSource"));
  return {
    configuration: { ...configuration, customTaps },
    own: {
      trunk: architecture && customTrunk(architecture, customTaps!),
      loss: regularizer && customLoss(regularizer),
    },
  };
}

function notAllowed(folder: string, digest: string): UserError {
  return new UserError(
    `${folder} holds code that nobody allowed to run here, SHA-256 ${digest}. Read it, then add --allow-custom-code.`,
    EXIT.verification,
  );
}
