/** @file One running job as one line of text. */

import type { EpochMessage } from "../train/messages.ts";
import { formatCount, formatDuration, formatPercent } from "./format.ts";

const WIDEST_BAR = 20;
const NARROWEST_BAR = 4;

/**
 * `cnn-16 none  seed 3 [=====     ] 12/30  1,934 img/s  train 54.3 %  RL-acc 12.0 %  0:34 left`,
 * fitted into the columns: first the bar gives way, then the end of the label.
 */
export function progressLine(
  label: string,
  message: EpochMessage,
  remainingSeconds: number | null,
  columns: number,
): string {
  const { seed, epoch, epochs } = message;
  const head = `seed ${seed} `;
  const tail = [` ${epoch}/${epochs}`, ...measures(message), left(remainingSeconds)].join("  ");
  const room = columns - label.length - 2 - head.length - tail.length;
  const width = Math.min(WIDEST_BAR, room - 2);
  const bar = width < NARROWEST_BAR ? "" : drawBar(epoch / epochs, width);
  const labelRoom = columns - 2 - head.length - bar.length - tail.length;
  return `${shorten(label, labelRoom)}  ${head}${bar}${tail}`;
}

/** The same for a log or a pipe: no bar, and nothing cut. */
export function plainLine(
  label: string,
  message: EpochMessage,
  remainingSeconds: number | null,
): string {
  const { seed, epoch, epochs, randomLabels } = message;
  const epochWords = `${label} seed ${seed} epoch ${epoch}/${epochs}`;
  const words = [epochWords, ...measures(message), left(remainingSeconds)];
  return words.join(", ").replace("RL-acc", `RL-acc(n=${randomLabels.n})`);
}

function left(seconds: number | null): string {
  return `${formatDuration(seconds)} left`;
}

function measures(message: EpochMessage): string[] {
  if (message.phase === "controls") return ["controls"];
  const { imagesPerSecond, trainAccuracy, randomLabels } = message;
  return [
    `${formatCount(imagesPerSecond)} img/s`,
    `train ${formatPercent(trainAccuracy)}`,
    `RL-acc ${formatPercent(randomLabels.accuracy)}`,
  ];
}

function drawBar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `[${"=".repeat(full)}${" ".repeat(width - full)}]`;
}

function shorten(label: string, room: number): string {
  return label.length <= room ? label : `${label.slice(0, Math.max(0, room - 1))}…`;
}
