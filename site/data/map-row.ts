/** @file A board's row as its map needs it. */

import type { BoardRow } from "../../record/board/board-row.ts";
import { type ComplexityGapRow, shareOfNull } from "../charts/map-points.ts";
import { referenceAddress } from "./entry-address.ts";
import { rowAnchor } from "./board-model.ts";

/** Most rows of the reference are not in the table until they are asked for; each has a page. */
export function referenceMapRow(row: BoardRow): ComplexityGapRow {
  return { ...mapRow(row), href: referenceAddress(row.entry) };
}

export function mapRow({ entry, arch, regs, numbers, ...row }: BoardRow): ComplexityGapRow {
  const { learnedComplexity, capacity, equivalentWidth, countsNull, gap, testAccuracy } = numbers;
  const { equivalentWidthBound, panel, fresh } = row;
  const nullShare = shareOfNull(capacity, countsNull);
  const seeds = gap?.count ?? panel + fresh;
  return {
    ...{
      arch,
      regs,
      learnedComplexity,
      capacity,
      equivalentWidth,
      equivalentWidthBound,
      nullShare,
    },
    ...{ gap, testAccuracy, seeds, href: `#${rowAnchor(entry)}` },
  };
}
