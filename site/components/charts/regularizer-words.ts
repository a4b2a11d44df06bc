/** @file What the tests say of a board's regularizers, and what pictures follow: all that takes no chart library. */

import type { VNode } from "preact";
import type { BoardRow } from "../../../record/board/board-row.ts";
import type { SentencesDocument } from "../../../record/answers/documents.ts";
import { type DoseRow, doseFamily, doseRows } from "../../charts/dose-rows.ts";
import { FAMILIES, type Family } from "../../charts/families.ts";
import type { ArrowsRow } from "../../charts/regularizer-arrows.ts";
import { byName, changeMatrix } from "../../data/regularizer-changes.ts";
import { byFamily, weighedRows } from "../../data/shown-rows.ts";
import { h } from "../../markup/element.ts";
import { partsFilter } from "./parts-filter.ts";
import { loweringWords, verdictMatrix } from "./verdict-matrix.ts";

export interface Whose {
  /** Before every anchor, so that a page can hold the board's and the reference's. */
  prefix: "" | "reference-";
  protocol: string;
}

/**
 * What is said before the pictures: contents, filter, verdicts; and what the pictures are of. Null when no architecture has
 * an unregularized entry and another.
 */
export function regularizerWords(
  rows: readonly BoardRow[],
  sentences: SentencesDocument["sentences"],
  { prefix, protocol }: Whose,
): { words: (VNode | null)[]; families: readonly FamilyParts[] } | null {
  const matrix = changeMatrix(rows, sentences);
  if (matrix === null) return null;
  const families = familiesOf(rows);
  const { architectures } = matrix;
  const words = [
    contents(families, prefix),
    partsFilter({ architectures, families: families.map(({ family }) => family) }, prefix),
    h(
      "section",
      { "aria-labelledby": `${prefix}verdicts` },
      h("h2", { id: `${prefix}verdicts` }, "What the tests say"),
      loweringWords(matrix),
      verdictMatrix(matrix, `Changes against none under ${protocol}`),
    ),
  ];
  return { words, families };
}

export interface FamilyParts {
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
