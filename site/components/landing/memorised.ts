/** @file Eight training images, what a head knows of their random labels at an epoch, and the shares over all images. */

import type { VNode } from "preact";
import { normalizedAccuracy } from "../../../record/normalized-accuracy.ts";
import { count, percent } from "../../charts/numbers.ts";
import { trainingLines } from "../../charts/training-lines.ts";
import type { MemorisedImage, MemorisedRun } from "../../data/memorised-run.ts";
import { h } from "../../markup/element.ts";

/** At the last epoch; the island moves it from there. @param of the network and its seed. */
export function memorised(
  run: MemorisedRun,
  images: readonly MemorisedImage[],
  of: { arch: string; seed: number },
): VNode {
  const last = run.epochs.length - 1;
  return h(
    "section",
    { class: "memorised", "data-run": JSON.stringify(run), "aria-labelledby": "memorised-title" },
    h("h2", { id: "memorised-title" }, "What it knows by heart"),
    h(
      "ul",
      { class: "told" },
      ...images.map((image, i) =>
        h(
          "li",
          {},
          h("img", { src: image.source, alt: "", width: 84, height: 84 }),
          h("span", { class: "class" }, image.name),
          h("span", { class: "random" }, "random label ", h("strong", {}, image.randomLabel)),
          h("span", { "data-known": i }, knownMark(run.epochs[last]!.known[i] === 1)),
        ),
      ),
    ),
    h(
      "div",
      { class: "epochs" },
      h("button", { class: "button", type: "button", "data-play": "" }, "Play"),
      h("label", { for: "memorised-epoch" }, "Epoch"),
      h("input", {
        ...{ type: "range", id: "memorised-epoch", min: 0, max: last, value: last, step: 1 },
        "aria-valuetext": `${last} of ${last}`,
      }),
      h("span", { class: "value", "aria-hidden": "true" }, String(last)),
    ),
    h("div", { "data-shares": "" }, memorisedShares(run, last)),
    h(
      "p",
      { class: "faint small" },
      `A real run: ${of.arch}, seed ${of.seed}, ${last} epochs on ${count(run.samples)} images of Fashion-MNIST (© 2017 Zalando SE, MIT License) under the rules of micro-1. ` +
        `Shown is the first training image of each of eight classes. Random labels are out of ${run.n}. `,
      h("code", {}, "node replicate/memorised-images.ts"),
      " trains it again.",
    ),
  );
}

/** A sign and a word: colour alone would be lost on some. */
export function knownMark(isKnown: boolean): VNode {
  return isKnown
    ? h("span", { class: "mark known" }, "✓ known by heart")
    : h("span", { class: "mark" }, "not known");
}

/** The sentence and the curves at an epoch. */
export function memorisedShares({ samples, n, epochs }: MemorisedRun, epoch: number): VNode {
  const { randomLabels, train, test } = epochs[epoch]!;
  const shares = epochs.map((each) => ({
    ...each,
    randomLabels: normalizedAccuracy(each.randomLabels, n),
  }));
  return h(
    "div",
    {},
    h(
      "p",
      { class: "sentence" },
      `After ${epoch === 1 ? "1 epoch" : `${epoch} epochs`} the head knows the random labels of `,
      h("strong", {}, `${count(randomLabels * samples)} of ${count(samples)}`),
      ` images; guessing knows ${count(samples / n)}. The network tells the class of ${percent(train)}\u00a0% of them, and of ${percent(test)}\u00a0% of the test images: `,
      h("strong", {}, `a gap of ${percent(train - test)} points`),
      ".",
    ),
    trainingLines({ shares, epochs: epochs.length - 1, at: epoch }),
  );
}
