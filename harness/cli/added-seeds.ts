/** @file Gives more seeds to folders that were begun with fewer. */

import { UserError } from "../errors.ts";
import { hasState } from "../listing/folder-state.ts";
import type { Environment } from "../study/environment.ts";
import {
  type OutputFolder,
  keepSeeds,
  lacksSeeds,
  logLine,
  openFolder,
} from "../study/run-folder.ts";
import type { RunLocks } from "../study/run-locks.ts";
import { readTrained } from "../study/trained.ts";
import { FolderInUse } from "../train/run-lock.ts";
import { begunElsewhere } from "./seed-notes.ts";

/**
 * Writes added seeds into the folders, before any training, so that `resume` knows them after an interruption. A folder
 * that another process is working on gets them when it is free (`trainFolders`).
 *
 * @param environment of the machine that will train them; null: not known.
 */
export async function addSeeds(
  folders: readonly OutputFolder[],
  {
    locks,
    environment,
    say,
  }: { locks: RunLocks; environment: Environment | null; say: (line: string) => void },
): Promise<void> {
  const growing = folders.filter(lacksSeeds);
  for (const folder of growing) requireRoomForSeeds(folder);
  for (const folder of growing) {
    const isSigned = hasState(folder.path, "receipt") || hasState(folder.path, "submission");
    const elsewhere = environment === null ? "" : begunElsewhere(folder, environment);
    if (isSigned)
      say(
        `${folder.path} is signed: its entry keeps the runs that it was signed with; report and compare use all.`,
      );
    try {
      await locks.while(folder.path, 0, () => Promise.resolve(addTo(folder, elsewhere)));
    } catch (error) {
      if (!(error instanceof FolderInUse)) throw error;
    }
  }
}

/**
 * @throws UserError where more seeds would hold up what was committed to, and for runs that are damaged or were
 * changed: the new manifest would vouch for them.
 */
function requireRoomForSeeds({ path }: OutputFolder): void {
  const isCommitted = (["commitment", "challenge", "entry"] as const).some((name) =>
    hasState(path, name),
  );
  if (isCommitted && !hasState(path, "receipt"))
    throw new UserError(
      `${path} is committed to a challenge, whose result has the panel's seeds and the challenge's alone. It takes more ` +
        "once it is listed (rademark submit); or train them into another folder.",
    );
  readTrained(openFolder(path));
}

function addTo(folder: OutputFolder, elsewhere: string): void {
  const before = new Set(openFolder(folder.path).configuration.seeds);
  const added = keepSeeds(folder).configuration.seeds.filter((seed) => !before.has(seed));
  logLine(folder.path, [`seeds ${added.join(", ")} added`, elsewhere].filter(Boolean).join("; "));
}
