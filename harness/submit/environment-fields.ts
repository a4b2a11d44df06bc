/** @file What env.json says of engine, machine and harness, as a statement carries it. */

import type { Configuration } from "../../record/configuration.ts";
import type { Engine, Harness, Machine } from "../../record/statement/statements.ts";
import { EXIT, UserError } from "../errors.ts";
import { describeNumerics, readEnvironment } from "../sweep/environment.ts";

const LONGEST_LINE = 200;

/** Printable ASCII, as statements want it; systems name their parts as they like. */
function asLine(text: string): string {
  const plain = text.replaceAll(/[^ -~]/g, "?").slice(0, LONGEST_LINE);
  return plain === "" ? "unknown" : plain;
}

/**
 * @param path of an output folder.
 * @throws UserError when its env.json is missing or damaged.
 */
export function environmentFields(
  path: string,
  { engine, threads }: Pick<Configuration, "engine" | "threads">,
): { engine: Engine; machine: Machine; harness: Harness } {
  const environment = readEnvironment(path);
  if (environment === null)
    throw new UserError(
      `${path}/env.json is missing: nobody can say what the runs were made on.`,
      EXIT.verification,
    );
  const { tensorflow, numerics, os, cpu, cores, memoryBytes, gpus, harness, git } = environment;
  return {
    engine: {
      library: asLine(`tensorflow ${tensorflow ?? "of unknown version"}`),
      device: engine,
      // Folders of version 0.1.0 may lack the note: then nothing is assumed to have been switched.
      ...(numerics ?? describeNumerics(engine, {})),
    },
    machine: {
      os: asLine(os),
      cpu: asLine(cpu),
      cores,
      threads,
      memoryBytes,
      gpus: gpus.map(({ name }) => asLine(name)),
    },
    harness: { version: harness, git },
  };
}
