/** @file Every configuration of a board over training and by depth, as small pictures on one scale. */

import type { VNode } from "preact";
import type { EntrySeries } from "../../../record/answers/documents.ts";
import { FAMILIES, type Family, regularizerFamily } from "../../charts/families.ts";
import { legend } from "../../charts/figure.ts";
import { divergenceNote } from "../../charts/learning-curves.ts";
import { canvasOf, picture } from "../../charts/plot.ts";
import { plural } from "../../charts/numbers.ts";
import { SMALL, SMALL_LEGEND, smallCurves, smallDepth } from "../../charts/training-and-depth.ts";
import { byName } from "../../data/regularizer-changes.ts";
import { h } from "../../markup/element.ts";
import { partsFilter } from "./parts-filter.ts";

export interface TrainingCell {
  entry: string;
  arch: string;
  regs: string;
  /** Of its page. */
  href: string;
  /** Null while it is on its way. */
  series: EntrySeries | null;
}

/** @param left configurations that are not among the cells. @param prefix before anchors. */
export function training(cells: readonly TrainingCell[], left: number, prefix: string): VNode {
  const sorted = cells.toSorted(byConfiguration);
  const families = (Object.keys(FAMILIES) as Family[]).filter((family) =>
    cells.some(({ regs }) => regularizerFamily(regs) === family),
  );
  const architectures = [...new Set(sorted.map(({ arch }) => arch))];
  return h(
    "div",
    { class: "training multiples" },
    h("p", { class: "faint" }, CAPTION),
    legend(SMALL_LEGEND),
    partsFilter({ architectures, families }, prefix),
    ...architectures.map((arch) =>
      h(
        "section",
        { "aria-labelledby": `${prefix}${arch}`, "data-archs": arch },
        h("h2", { id: `${prefix}${arch}` }, arch),
        h("div", { class: "cells" }, ...sorted.filter((cell) => cell.arch === arch).map(cellOf)),
      ),
    ),
    left === 0
      ? null
      : h(
          "p",
          { class: "faint" },
          `${plural(left, "more configuration")} of this board: their own pages have these pictures.`,
        ),
  );
}

const CAPTION =
  "Each configuration twice, all on one scale of percent. Left: over training, how many images of training batches the network gets right, " +
  "and how many random labels its heads at the last tap do (0 % is chance); the dashed line is the same heads on the trunk that " +
  "never trains, without which a rising line says nothing. Right: by depth, what heads at each tap have learned, and what ridge regression gets " +
  "right of labels that no head met; dashed and hollow is the trunk before training.";

/** Without a regularizer first, then by family and strength. */
function byConfiguration(a: TrainingCell, b: TrainingCell): number {
  const order = ({ regs }: TrainingCell) => Object.keys(FAMILIES).indexOf(regularizerFamily(regs));
  return byName(a.arch, b.arch) || order(a) - order(b) || byName(a.regs, b.regs);
}

function cellOf({ entry, arch, regs, href, series }: TrainingCell): VNode {
  return h(
    "div",
    {
      class: "panel",
      key: entry,
      "data-cell": entry,
      "data-archs": arch,
      "data-family": regularizerFamily(regs),
    },
    h("p", {}, h("a", { href }, `${arch} ${regs}`)),
    h(
      "div",
      { "data-pictures": "" },
      series === null ? late() : smallPair(`${arch} ${regs}`, series),
    ),
  );
}

const late = () => h("p", { class: "late faint small" }, "Drawn when it comes into view.");

/** @param name architecture and regularizers. */
export function smallPair(name: string, series: EntrySeries): VNode {
  const [isTrained, hasTaps] = [series.train.length > 0, series.taps.length > 0];
  const note = isTrained ? divergenceNote(series) : null;
  if (!isTrained && !hasTaps)
    return h("p", { class: "faint small" }, "No run finished, so there is nothing to draw.");
  return h(
    "div",
    { class: "two-small" },
    isTrained && picture(smallCurves({ name, series }, canvasOf(SMALL))),
    hasTaps && picture(smallDepth({ name, series }, canvasOf(SMALL))),
    note === null ? null : h("p", { class: "note" }, note),
  );
}
