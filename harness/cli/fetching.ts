/** @file Makes sure that data sets are in the cache before training begins; shows progress while they are fetched. */

import { protocolId } from "../../record/protocols.ts";
import { cacheFolder } from "../data/cache-folder.ts";
import { type GetRow, getDataset, listDatasets } from "../data/cached-dataset.ts";
import { leftOutText } from "../data/image-folder.ts";
import { IMAGENET_VARIABLE, openProtocolImages, protocolView } from "../data/protocol-images.ts";
import type { OutputFolder } from "../study/run-folder.ts";
import type { Effects } from "../effects.ts";
import { type DataNote, readDataNote } from "../data/local/data-note.ts";
import { fetchProgress } from "./dataset-progress.ts";
import { requireOwnData } from "./data-return.ts";
import { createPainter } from "./progress.ts";

/** A run, planned or begun: with the place of somebody's own data, or the folder that names it. */
interface TrainedOn extends Pick<OutputFolder, "protocol"> {
  data?: DataNote | null;
  path?: string;
}

/**
 * Fetches missing data sets, once for all workers. Of those in the cache, only the presence is checked here; workers
 * compare the digests. A folder of images, which is the person's own, is listed and compared with the protocol; files
 * that do not count are reported on stderr.
 */
export async function fetchDatasets(
  folders: readonly TrainedOn[],
  effects: Effects,
  quiet: boolean,
): Promise<void> {
  const wanted = new Set<unknown>(folders.map(({ protocol }) => protocol.dataset));
  const rows = await listDatasets({ cache: cacheFolder(effects.env) });
  for (const { name, state } of rows)
    if (wanted.has(name) && state === "missing") await fetchWithBar(name, effects, quiet);
  const distinct = new Map(folders.map((each) => [protocolId(each.protocol), each]));
  for (const { protocol, data, path } of distinct.values())
    if (typeof protocol.dataset !== "string") {
      const note = data ?? (path === undefined ? null : readDataNote(path));
      await requireOwnData(protocol, note, { quiet, effects });
    } else if (protocol.dataset === "imagenet") {
      protocolView(protocol);
      const folder = await openProtocolImages(protocol, effects.env[IMAGENET_VARIABLE]);
      const left = leftOutText(folder);
      if (left !== null && !quiet) reportOnce(`${folder.root}: ${left}\n`, effects);
    }
}

/** A command may list a folder more than once. */
function reportOnce(line: string, effects: Effects): void {
  const lines = reported.get(effects) ?? new Set();
  reported.set(effects, lines);
  if (!lines.has(line)) effects.err(line);
  lines.add(line);
}

const reported = new WeakMap<Effects, Set<string>>();

/** Fetches one data set; reports on stderr which sources were passed over, and why. */
export async function fetchWithBar(
  name: string,
  effects: Effects,
  quiet: boolean,
): Promise<GetRow> {
  const painter = createPainter(effects);
  const onProgress = quiet ? () => undefined : fetchProgress(painter, effects);
  const row = await getDataset(name, { cache: cacheFolder(effects.env), onProgress });
  painter.clear();
  if (!quiet) for (const failure of row.failures) effects.err(`passed over: ${failure}\n`);
  return row;
}
