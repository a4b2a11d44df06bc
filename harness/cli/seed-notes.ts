/** @file What commands say about seeds before they train: what is there, and what too few of them, or another machine, forbid. */

import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { FEWEST_SEEDS } from "../../record/board/comparison-words.ts";
import { unsubmittable } from "../../record/configuration.ts";
import { UserError } from "../errors.ts";
import { openFolder, pendingSeeds } from "../study/run-folder.ts";
import { isSweep, sweepFolders } from "../study/sweep-folder.ts";
import type { OutputFolder, PlannedRun } from "../study/run-folder.ts";
import type { Environment } from "../study/environment.ts";
import {
  distinctEnvironments,
  environmentDifferences,
  environmentsOfRuns,
} from "../study/run-environments.ts";
import { runFiles } from "../train/run-files.ts";
import { count, plural } from "../../site/charts/numbers.ts";

type Planned = Pick<PlannedRun, "configuration" | "protocol">;

/** What is there and what is to be trained; null where nothing is there yet. */
export function seedsThere(
  { root, many }: { root: string; many: boolean },
  folders: readonly OutputFolder[],
  cwd: string,
): string | null {
  const pending = folders.flatMap(pendingSeeds);
  const there =
    folders.reduce((sum, each) => sum + each.configuration.seeds.length, 0) - pending.length;
  if (there === 0) return null;
  const place = relative(cwd, root) || ".";
  const what = many ? "run" : "seed";
  const where = many ? `${place}, ${plural(folders.length, "configuration")}` : place;
  const are = there === 1 ? "is" : "are";
  if (pending.length === 0)
    return `${where}: all ${plural(there, what)} ${are} there, nothing to train.`;
  const which = many ? "" : `: ${someOf(pending)}`;
  return `${where}: ${plural(there, what)} ${are} there, ${count(pending.length)} to train${which}.`;
}

const MOST_SHOWN = 8;

function someOf(seeds: readonly number[]): string {
  const more = seeds.length > MOST_SHOWN ? ", ..." : "";
  return `${seeds.slice(0, MOST_SHOWN).join(", ")}${more}`;
}

/** The configurations that a sweep's folder holds beside these; one that cannot be read is left to `report`. */
export function besides(root: string, folders: readonly OutputFolder[]): OutputFolder[] {
  if (!isSweep(root)) return [];
  const named = new Set(folders.map(({ path }) => path));
  return sweepFolders(root)
    .map((name) => join(root, name))
    .filter((path) => !named.has(path))
    .flatMap((path) => readable(path) ?? []);
}

function readable(path: string): OutputFolder | null {
  try {
    return openFolder(path);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** What a study with so few seeds cannot show (trust.md section 4), in a line or two; none where they are enough. */
export function fewSeeds(planned: readonly Planned[]): string[] {
  const shared = sharedSeeds(planned);
  const missing = missingPanel(planned);
  const listing =
    missing.length === 0
      ? []
      : [
          `Without ${missing.length === 1 ? "seed" : "seeds"} ${missing.join(", ")} of the panel no server lists ${planned.length === 1 ? "it" : "them"}.`,
        ];
  if (shared.length >= FEWEST_SEEDS) return listing;
  return [
    planned.length === 1 ? tooFewAlone(shared.length) : tooFewShared(planned.length, shared.length),
    ...listing,
  ];
}

function tooFewAlone(seeds: number): string {
  const alone = seeds === 1 ? "One seed gives no interval, and is" : `${plural(seeds, "seed")} are`;
  return `${alone} too few to compare with another configuration: that takes ${FEWEST_SEEDS} which both have. More can be added later.`;
}

function tooFewShared(configurations: number, seeds: number): string {
  const share = seeds === 0 ? "share no seed" : `share ${plural(seeds, "seed")}`;
  return `These ${configurations} configurations ${share}: compare and report test no difference between them below ${FEWEST_SEEDS} shared seeds. More can be added later.`;
}

function sharedSeeds([first, ...others]: readonly Planned[]): number[] {
  const sets = others.map(({ configuration }) => new Set(configuration.seeds));
  return (first?.configuration.seeds ?? []).filter((seed) => sets.every((set) => set.has(seed)));
}

/** The panel's seeds that are all that keeps these off a board; none where something else does, too. */
function missingPanel(planned: readonly Planned[]): number[] {
  const missing = planned.flatMap(({ configuration, protocol }) => {
    const { panelSeeds } = protocol;
    const withPanel = { ...configuration, seeds: panelSeeds };
    const isListable = unsubmittable(withPanel, protocol).length === 0;
    return isListable ? panelSeeds.filter((seed) => !configuration.seeds.includes(seed)) : [];
  });
  return [...new Set(missing)].sort((a, b) => a - b);
}

/** What mixing machines or versions in a folder costs: a line for each folder that is about to. */
export function madeElsewhere(
  folders: readonly OutputFolder[],
  environment: Environment,
): string[] {
  return folders.flatMap((folder) => {
    const elsewhere = pendingSeeds(folder).length === 0 ? "" : begunElsewhere(folder, environment);
    if (elsewhere === "") return [];
    return [
      `${folder.path} was ${elsewhere}: what is trained now says so (env.json of its seeds), and cannot be signed together with the other runs.`,
    ];
  });
}

/** Such as `begun elsewhere (harness 0.1.9, now 0.2.0)`; empty where no run was, or nothing is known. */
export function begunElsewhere(
  { path, configuration }: OutputFolder,
  environment: Environment,
): string {
  const begun = configuration.seeds.filter((seed) => {
    const { final, checkpoint } = runFiles(path, seed);
    return existsSync(final) || existsSync(checkpoint);
  });
  const environments = distinctEnvironments(environmentsOfRuns(path, begun).values());
  const changed = environments.flatMap((each) => environmentDifferences(each, environment));
  const texts = new Set(changed.map(([name, was, now]) => `${name} ${was}, now ${now}`));
  return texts.size === 0 ? "" : `begun elsewhere (${[...texts].join("; ")})`;
}
