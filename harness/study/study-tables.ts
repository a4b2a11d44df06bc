/** @file The finished runs of a study as tidy tables, each with what it was made on. */

import {
  type Making,
  type TableName,
  type TidyTable,
  tidyTables,
} from "../../record/tidy-tables.ts";
import type { Environment } from "./environment.ts";
import type { RunEnvironments } from "./run-environments.ts";
import type { OutputFolder } from "./run-folder.ts";
import type { Study } from "./trained.ts";

/**
 * What the report, the export and `rademark/run-folder` share; of finished runs only.
 *
 * @param names of the tables that are asked for; all of them unless given.
 */
export function tablesOf(
  { configurations, protocol }: Study,
  names?: readonly TableName[],
): TidyTable[] {
  const sources = configurations.flatMap((trained) => {
    const { folder, outcome, runs, made, environments } = trained;
    if (outcome === null) return [];
    const runsMade = runs.map(({ seed }) => makingOf(folder, made.get(seed)!));
    return [
      { outcome, runs, runsMade, headline: protocol.headline, ...makingOf(folder, environments) },
    ];
  });
  return tidyTables(sources, names);
}

/** Null also for what was not the same in all environments. */
function makingOf({ configuration }: OutputFolder, environments: RunEnvironments): Making {
  const common = (say: (environment: Environment) => string | null) => {
    const values = new Set(environments.map(say));
    return values.size === 1 ? [...values][0]! : null;
  };
  return {
    device: configuration.engine,
    library: common(({ tensorflow }) => tensorflow && `tensorflow ${tensorflow}`),
    precision: common(({ numerics }) => numerics && numerics.precision),
    cpu: common(({ cpu }) => cpu),
    gpus: common(({ gpus }) => gpus.map(({ name }) => name).join("; ") || null),
    threads: configuration.threads,
    harness: common(({ harness }) => harness),
  };
}
