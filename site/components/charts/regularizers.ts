/** @file What regularizers change on a board: verdicts first, then dose and response, then arrows, with contents and a filter. */

import type { VNode } from "preact";
import type { BoardRow } from "../../../record/board/board-row.ts";
import type { SentencesDocument } from "../../../record/answers/documents.ts";
import { doseFigure } from "../../charts/dose-response.ts";
import { FAMILIES, type Family } from "../../charts/families.ts";
import { plural } from "../../charts/numbers.ts";
import { h } from "../../markup/element.ts";
import { arrows, arrowsCaption } from "./multiples.ts";
import { type FamilyParts, type Whose, regularizerWords } from "./regularizer-words.ts";

/** Null when no architecture has an unregularized entry and another. */
export function regularizers(
  rows: readonly BoardRow[],
  sentences: SentencesDocument["sentences"],
  whose: Whose,
): VNode | null {
  const said = regularizerWords(rows, sentences, whose);
  if (said === null) return null;
  const { families, words } = said;
  // how to read a picture is said where its kind comes first
  const first = [
    families.find(({ doses }) => doses.length > 0),
    families.find(({ doses, arrows }) => arrows.length > 0 && doses.length === 0) ??
      families.find(({ arrows }) => arrows.length > 0),
  ];
  return h(
    "div",
    { class: "regularizers multiples", "data-filtered": "" },
    ...words,
    ...families.map((each) =>
      familySection(each, whose.prefix, { doses: each === first[0], arrows: each === first[1] }),
    ),
  );
}

function familySection(
  { family, doses, arrows: shown, left }: FamilyParts,
  prefix: string,
  explained: { doses: boolean; arrows: boolean },
): VNode {
  const { label } = FAMILIES[family];
  const meaning = MEANINGS[family];
  return h(
    "section",
    { class: "chart", "data-family": family, "aria-labelledby": `${prefix}${family}` },
    h("h2", { id: `${prefix}${family}` }, label),
    meaning === undefined ? null : h("p", { class: "small" }, meaning),
    ...doses.map((row, i) =>
      h(
        "div",
        { "data-archs": row.architectures.map(({ arch }) => arch).join(" ") },
        doseFigure(row, explained.doses && i === 0),
      ),
    ),
    leftOut(left.doses),
    shown.length === 0
      ? null
      : h(
          "details",
          { class: "arrows", open: doses.length === 0 }, // where it is all that there is
          h("summary", {}, "Arrows from none, by architecture"),
          explained.arrows ? h("p", { class: "faint small" }, arrowsCaption(shown)) : null,
          ...arrows(label, shown),
          leftOut(left.arrows),
        ),
  );
}

/** What a name does not say by itself, by an example; docs/method.md section 6 defines them. */
const MEANINGS: Partial<Record<Family, string>> = {
  augmentation: "aug: training images are mirrored and cropped at random, as the protocol says.",
  cutout:
    "cutout=8: a square of 8 pixels a side is blanked in a share of the training images that the protocol fixes.",
  mixup:
    "mixup=0.2: two training images and their labels are mixed, by a weight drawn from Beta(0.2, 0.2).",
  cutmix:
    "cutmix=1: a piece of another training image is pasted in, and labels are mixed by its area, drawn from Beta(1, 1).",
  sharpness:
    "sam=0.05: each step follows the gradient found a distance of 0.05 up the slope of the loss.",
  "random-label":
    "rl=10: the network is also trained, with λ = 10, to make one labelling of random labels hard to predict. Learned complexity is of others.",
  noise:
    "noise=0.2: with probability 0.2 a training image gets another class, and training accuracy and gap count the classes trained on: a gap " +
    "that rises may be no more than these learned by heart. canary=25: 25 made-up images of no class, four copies of each, take the places of training images.",
};

function leftOut(architectures: number): VNode | null {
  if (architectures === 0) return null;
  const text = `${plural(architectures, "more architecture")} not drawn here, for the weight of this page.`;
  return h("p", { class: "faint small" }, text);
}
