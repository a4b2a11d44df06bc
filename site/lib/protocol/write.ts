/** @file A protocol's values in words. */

import type { Protocol } from "../../../record/protocols.ts";
import { count, plural } from "../numbers.ts";

const share = (value: number) => `${Number((100 * value).toPrecision(6))} %`;
const list = (values: readonly (number | string)[]) => values.join(", ");

export const write = {
  text: String,
  count,
  share,
  list,
  points: (value: number) => `${Number((100 * value).toPrecision(6))} percentage points`,

  optimizer(optimizer: Protocol["optimizer"]): string {
    if (optimizer.kind === "sgd")
      return `SGD, momentum ${optimizer.momentum}, weight decay coupled`;
    const { betas, epsilon } = optimizer;
    return `AdamW, β ${list(betas)}, ε ${epsilon}, weight decay decoupled`;
  },

  augmentation(augmentation: Protocol["augmentation"]): string {
    const flip = `mirrored with probability ${augmentation.flip}`;
    if (augmentation.kind === "flip-crop")
      return `${flip}, cropped at random after ${augmentation.pad} pixels of zeros on each side`;
    const { area, aspect } = augmentation;
    return `${flip}, a random cut of ${share(area[0])} to ${share(area[1])} of the area, aspect ratio ${aspect.map((value) => Number(value.toFixed(3))).join(" to ")}`;
  },

  view(view: Protocol["view"]): string {
    return view.kind === "whole"
      ? "the whole image"
      : `shorter side resized to ${view.shorterSide}, then the middle`;
  },

  heads(heads: Protocol["heads"]): string {
    return heads
      .map(
        ({ n, draws, taps }) =>
          `n = ${count(n)}: ${plural(draws, "draw")} at ${taps === "all" ? "every tap" : "the last tap"}`,
      )
      .join("; ");
  },

  recipe({ weightDecay, augment, cutout }: NonNullable<Protocol["recipe"]>): string {
    const parts = [`wd=${weightDecay}`, augment && "aug", cutout > 0 && `cutout=${cutout}`];
    return parts.filter(Boolean).join(",");
  },
};
