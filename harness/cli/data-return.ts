/** @file Finds the data again that a run was begun on: prepared before, where it was then, or under a name. */

import { datasetLabel } from "../../record/datasets.ts";
import type { Protocol } from "../../record/protocols.ts";
import { cacheFolder } from "../data/cache-folder.ts";
import { listNames } from "../data/local/names.ts";
import {
  type LocalSource,
  type Prepared,
  missingPath,
  readPrepared,
  sourcePaths,
  stampOf,
} from "../data/local/prepared.ts";
import type { Effects } from "../effects.ts";
import { EXIT, UserError } from "../errors.ts";
import { configFolder } from "../listing/key-store.ts";
import type { DataNote } from "../data/local/data-note.ts";
import { prepareAgain, withProgress } from "./own-data.ts";

/**
 * Makes sure that a protocol's own data are ready. Other data are never taken for them: their digests decide.
 *
 * @param note of the run's folder; null where none is known.
 * @throws UserError saying which data are needed, where they were, and what to do.
 */
export async function requireOwnData(
  protocol: Protocol,
  note: DataNote | null,
  { quiet, effects }: { quiet: boolean; effects: Effects },
): Promise<void> {
  const prepared = readPrepared(cacheFolder(effects.env), protocol);
  if (prepared !== null && isUnchanged(prepared)) return;
  const tried: string[] = [];
  for (const source of sourcesOf(protocol, note, prepared, effects)) {
    const place = sourcePaths(source).join(", ");
    if (missingPath(source) !== undefined) tried.push(`${place} is not there`);
    else {
      const name = note?.name ?? datasetLabel(protocol);
      const found = await withProgress(name, quiet, effects, (options) =>
        prepareAgain(source, protocol, options),
      );
      if (isSame(found, protocol)) return;
      tried.push(`${place} holds other data now (${found.train.slice(0, 12)})`);
    }
  }
  throw new UserError(needed(protocol, note, tried), EXIT.verification);
}

/** Whether what training reads is as it was: in the cache, or files that nobody has written to. */
function isUnchanged({ pixels, source, stamps }: Prepared): boolean {
  if (pixels !== null) return true;
  // Image files are too many for stamps of their own here: looking at the folder again compares its listing.
  if (source.kind === "images" || missingPath(source) !== undefined) return false;
  return sourcePaths(source).every((path, i) => stampOf(path) === stamps[i]);
}

/** Where the data may be: where they were when the run began, or wherever the same digests have a name. */
function sourcesOf(
  { digests }: Protocol,
  note: DataNote | null,
  prepared: Prepared | null,
  { env }: Effects,
): LocalSource[] {
  const named = listNames(configFolder(env)).filter(([, data]) =>
    isSame(data.digests, { digests }),
  );
  const all = [note?.source, prepared?.source, ...named.map(([, { source }]) => source)];
  const known = all.filter((source) => source !== undefined);
  return [...new Map(known.map((source) => [JSON.stringify(source), source])).values()];
}

function isSame(found: Prepared["digests"], { digests }: Pick<Protocol, "digests">): boolean {
  return found.train === digests.train && found.test === digests.test;
}

function needed({ name, digests }: Protocol, note: DataNote | null, tried: string[]): string {
  const which = note === null ? "" : ` ${note.name}`;
  return [
    `${name} trains on data of one's own${which}, with the digests ${digests.train} (train) and ${digests.test} (test).`,
    ...tried,
    "Put the data back, or say where they are: rademark data add NAME PLACE. Then give the same command again.",
  ].join("\n");
}
