/** @file Makes sure that data sets are in the cache before training begins; shows progress while they are fetched. */

import { protocolId } from "../../record/protocols.ts";
import { cacheFolder } from "../data/cache-folder.ts";
import { type GetRow, getDataset, listDatasets } from "../data/cached-dataset.ts";
import { leftOutText } from "../data/image-folder.ts";
import type { OnProgress } from "../data/opened-datasets.ts";
import { IMAGENET_VARIABLE, openProtocolImages, protocolView } from "../data/protocol-images.ts";
import type { OutputFolder } from "../study/run-folder.ts";
import type { Effects } from "../effects.ts";
import { formatBytes, formatCount, formatDuration, formatPercent } from "../format.ts";
import { createPainter } from "./progress.ts";

const REPAINT_MILLISECONDS = 100;
const PLAIN_MILLISECONDS = 5_000;

/**
 * Fetches missing data sets, once for all workers. Of those in the cache, only the presence is checked here; workers
 * compare the digests. A folder of images, which is the person's own, is listed and compared with the protocol; files
 * that do not count are reported on stderr.
 */
export async function fetchDatasets(
  folders: readonly Pick<OutputFolder, "protocol">[],
  effects: Effects,
  quiet: boolean,
): Promise<void> {
  const wanted = new Set<unknown>(folders.map(({ protocol }) => protocol.dataset));
  const rows = await listDatasets({ cache: cacheFolder(effects.env) });
  for (const { name, state } of rows)
    if (wanted.has(name) && state === "missing") await fetchWithBar(name, effects, quiet);
  const streamed = folders
    .map(({ protocol }) => protocol)
    .filter(({ dataset }) => dataset === "imagenet");
  for (const protocol of new Map(streamed.map((each) => [protocolId(each), each])).values()) {
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

/** One line that changes on a terminal; a line every few seconds elsewhere. */
function fetchProgress(painter: ReturnType<typeof createPainter>, effects: Effects): OnProgress {
  let label = "";
  let beganAt = 0;
  let saidAt = -Infinity;
  return (progress) => {
    const now = effects.now();
    if (progress.label !== label) [label, beganAt, saidAt] = [progress.label, now, -Infinity];
    const pause = effects.terminal ? REPAINT_MILLISECONDS : PLAIN_MILLISECONDS;
    if (now - saidAt < pause && progress.done !== progress.total) return;
    saidAt = now;
    const line = fetchLine(progress, (now - beganAt) / 1000);
    if (effects.terminal) painter.repaint([line]);
    else painter.print(line);
  };
}

/** `cifar10: npm package  12.0 MiB of 170.0 MiB  7.1 %  3.1 MiB/s  0:51 left`. */
export function fetchLine(
  { label, done, total, unit }: Parameters<OnProgress>[0],
  seconds: number,
): string {
  const amount =
    unit === "bytes" ? formatBytes : (count: number) => `${formatCount(count)} ${unit}`;
  const rate = seconds > 0 ? done / seconds : 0;
  if (total === null) return [label, amount(done), `${amount(rate)}/s`].join("  ");
  const left = rate > 0 ? (total - done) / rate : null;
  return [
    label,
    `${amount(done)} of ${amount(total)}`,
    formatPercent(total === 0 ? 1 : done / total),
    `${amount(rate)}/s`,
    `${formatDuration(left)} left`,
  ].join("  ");
}
