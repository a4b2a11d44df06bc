/** @file What regularizers change on a board: verdicts first, then dose and response, then arrows, with contents and a filter. */

import type { VNode } from "preact";
import type { BoardRow } from "../../../record/board/board-row.ts";
import type { SentencesDocument } from "../../../record/answers/documents.ts";
import { type DoseRow, doseFamily, doseFigure, doseRows } from "../../charts/dose-response.ts";
import { FAMILIES, type Family } from "../../charts/families.ts";
import { plural } from "../../charts/numbers.ts";
import type { ArrowsRow } from "../../charts/regularizer-arrows.ts";
import { byName, changeMatrix } from "../../data/regularizer-changes.ts";
import { byFamily, weighedRows } from "../../data/shown-rows.ts";
import { h } from "../../markup/element.ts";
import { arrows, arrowsCaption } from "./multiples.ts";
import { partsFilter } from "./parts-filter.ts";
import { loweringWords, verdictMatrix } from "./verdict-matrix.ts";

interface Whose {
  /** Before every anchor, so that a page can hold the board's and the reference's. */
  prefix: "" | "reference-";
  protocol: string;
}

/** Null when no architecture has an unregularized entry and another. */
export function regularizers(
  rows: readonly BoardRow[],
  sentences: SentencesDocument["sentences"],
  whose: Whose,
): VNode | null {
  const matrix = changeMatrix(rows, sentences);
  if (matrix === null) return null;
  const { prefix, protocol } = whose;
  const families = familiesOf(rows);
  const caption = `Changes against none under ${protocol}`;
  // how to read a picture is said where its kind comes first
  const first = [
    families.find(({ doses }) => doses.length > 0),
    families.find(({ doses, arrows }) => arrows.length > 0 && doses.length === 0) ??
      families.find(({ arrows }) => arrows.length > 0),
  ];
  return h(
    "div",
    { class: "regularizers multiples", "data-filtered": "" },
    contents(families, prefix),
    partsFilter(
      { architectures: matrix.architectures, families: families.map(({ family }) => family) },
      prefix,
    ),
    h(
      "section",
      { "aria-labelledby": `${prefix}verdicts` },
      h("h2", { id: `${prefix}verdicts` }, "What the tests say"),
      loweringWords(matrix),
      verdictMatrix(matrix, caption),
    ),
    ...families.map((each) =>
      familySection(each, prefix, { doses: each === first[0], arrows: each === first[1] }),
    ),
  );
}

interface FamilyParts {
  family: Family;
  doses: DoseRow[];
  arrows: readonly ArrowsRow[];
  /** Architectures that are in none of its pictures of dose and response, and in none with arrows. */
  left: { doses: number; arrows: number };
}

/** Lines and pairs of pictures that a page holds, whatever its board has: with them it weighs what it may (docs/benchmarks.md). */
const [MOST_DOSE_LINES, MOST_ARROW_PAIRS] = [36, 12];

/** In the order of the legend; those that have neither two strengths nor an arrow are left out. */
function familiesOf(rows: readonly BoardRow[]): FamilyParts[] {
  const groups = doseRows(weighedRows(rows).map(doseOf)).map(inGroups);
  const most = Math.max(0, ...groups.map(({ length }) => length));
  // the first architectures of each regularizer before the second ones of any
  const inOrder = Array.from({ length: most }, (_, i) => groups.flatMap((all) => all[i] ?? []));
  const drawn = new Set(withinLines(inOrder.flat()));
  const moved = byFamily(rows);
  const perFamily = Math.max(1, Math.floor(MOST_ARROW_PAIRS / Math.max(1, moved.length)));
  return (Object.keys(FAMILIES) as Family[]).flatMap((family) => {
    const all = groups.flat().filter((row) => doseFamily(row) === family);
    const doses = all.filter((row) => drawn.has(row));
    const arrows = moved.find((each) => each.family === family)?.panels ?? [];
    if (all.length + arrows.length === 0) return [];
    const archs = (some: readonly DoseRow[]) =>
      new Set(some.flatMap(({ architectures }) => architectures.map(({ arch }) => arch))).size;
    const left = {
      doses: archs(all) - archs(doses),
      arrows: Math.max(0, arrows.length - perFamily),
    };
    return [{ family, doses, arrows: arrows.slice(0, perFamily), left }];
  });
}

function withinLines(all: readonly DoseRow[]): DoseRow[] {
  let lines = 0;
  return all.filter(({ architectures }) => (lines += architectures.length) <= MOST_DOSE_LINES);
}

/** A recipe is not taken apart, as that takes the protocol's document. */
function doseOf({ arch, regs, panel, fresh, divergence, numbers }: BoardRow) {
  const { learnedComplexity, capacity, gap, testAccuracy } = numbers;
  const { frozenComplexity, frozenCapacity } = numbers;
  return {
    ...{ arch, regs, parts: regs, runs: panel + fresh },
    diverged: Number(/^\d+/.exec(divergence ?? "0")?.[0] ?? 0),
    ...{ learnedComplexity, capacity, gap, testAccuracy, frozenComplexity, frozenCapacity },
  };
}

/** More lines in one picture could not be told apart. */
const MOST_LINES = 6;

function inGroups({ architectures, ...row }: DoseRow): DoseRow[] {
  const sorted = architectures.toSorted((a, b) => byName(a.arch, b.arch));
  return Array.from({ length: Math.ceil(sorted.length / MOST_LINES) }, (_, i) => ({
    ...row,
    architectures: sorted.slice(i * MOST_LINES, (i + 1) * MOST_LINES),
  }));
}

function contents(families: readonly FamilyParts[], prefix: string): VNode {
  const link = (anchor: string, text: string) =>
    h("li", {}, h("a", { href: `#${prefix}${anchor}` }, text));
  return h(
    "nav",
    { class: "contents row-of-links", "aria-label": "On this page" },
    h(
      "ul",
      {},
      link("verdicts", "What the tests say"),
      ...families.map(({ family }) => link(family, FAMILIES[family].label)),
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
