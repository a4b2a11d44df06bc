/** @file Where a trunk is read: the taps of each architecture, in order of depth (method.md section 2). */

import type { Architecture } from "./architecture.ts";

/** Blocks of every vision transformer here, and of Mixer S. */
export const TRANSFORMER_BLOCKS = { vit: 12, mixer: 8 } as const;

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name} ${i + 1}`);

/** Names of the taps; tap t of a record is entry t - 1. The last is the class head's input. */
export function tapNames(arch: Architecture): string[] {
  switch (arch.family) {
    case "mlp":
      return numbered("hidden", 2);
    case "cnn":
      return numbered("stage", 3);
    case "vgg":
      return numbered("stage", 5);
    case "resnet":
      return ["stem", ...numbered("stage", arch.depth === 18 ? 4 : 3)];
    case "wrn":
      return numbered("group", 3);
    case "vit":
    case "mixer": {
      const blocks = TRANSFORMER_BLOCKS[arch.family];
      return [...[1, 2, 3].map((quarter) => `block ${(quarter * blocks) / 4}`), "mean"];
    }
  }
}

/** How many taps a trunk has; the last tap's number. */
export function tapCount(arch: Architecture): number {
  return tapNames(arch).length;
}
