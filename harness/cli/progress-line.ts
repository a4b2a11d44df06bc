/** @file One running job as one line of text. */

import type { EpochMessage } from "../train/messages.ts";
import { formatCount, formatDuration, formatPercent } from "./format.ts";

const BAR_WIDTH = 20;

/** `label seed 3 [====>    ] 12/30 1,934 img/s train 54.3 % RL-acc 12.0 % (n=100) 0:34 left`. */
export function progressLine(
  label: string,
  message: EpochMessage,
  remainingSeconds: number | null,
): string {
  const { seed, epoch, epochs } = message;
  return [
    `${label} seed ${seed}`,
    bar(epoch / epochs),
    `${epoch}/${epochs}`,
    ...measures(message),
    `${formatDuration(remainingSeconds)} left`,
  ].join("  ");
}

/** The same for a log or a pipe: no bar. */
export function plainLine(
  label: string,
  message: EpochMessage,
  remainingSeconds: number | null,
): string {
  const { seed, epoch, epochs } = message;
  const left = `${formatDuration(remainingSeconds)} left`;
  return [`${label} seed ${seed} epoch ${epoch}/${epochs}`, ...measures(message), left].join(", ");
}

function measures(message: EpochMessage): string[] {
  if (message.phase === "controls") return ["controls"];
  const { imagesPerSecond, trainAccuracy, randomLabels } = message;
  return [
    `${formatCount(imagesPerSecond)} img/s`,
    `train ${formatPercent(trainAccuracy)}`,
    `RL-acc ${formatPercent(randomLabels.accuracy)} (n=${randomLabels.n})`,
  ];
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return `[${"=".repeat(full)}${" ".repeat(BAR_WIDTH - full)}]`;
}
