/** @file Progress of fetching, reading or decoding a data set, on stderr. */

import type { OnProgress } from "../data/opened-datasets.ts";
import type { Effects } from "../effects.ts";
import { formatBytes, formatCount, formatDuration, formatPercent } from "../format.ts";
import type { createPainter } from "./progress.ts";

const REPAINT_MILLISECONDS = 100;
const PLAIN_MILLISECONDS = 5_000;

/** One line that changes on a terminal; a line every few seconds elsewhere. */
export function fetchProgress(
  painter: ReturnType<typeof createPainter>,
  effects: Effects,
): OnProgress {
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
