/** @file The columns of means with intervals. */

import type { Ranked } from "../../../record/board/board-columns.ts";
import type { BoardRow } from "../../../record/board/board-row.ts";
import { intervalCell, type Unit } from "../interval-cell.ts";
import type { BoardColumn } from "./board-column.ts";

type NumberName = keyof BoardRow["numbers"];

interface NumberColumn {
  id: NumberName;
  title: string;
  unit: Unit;
  help: string;
  control?: true;
  unusual?: true;
}

const PLUS_MINUS = "± is half the width of the 95 % t-interval over all seeds, panel and fresh.";

const NUMBERS: readonly NumberColumn[] = [
  {
    id: "testAccuracy",
    title: "Test accuracy (%)",
    unit: "%",
    help: "Images of the test set classified correctly.",
  },
  {
    id: "trainAccuracy",
    title: "Train accuracy (%)",
    unit: "%",
    help: "Training images classified correctly at the end, without augmentation.",
  },
  {
    id: "gap",
    title: "Gap (points)",
    unit: "points",
    help: "Generalization gap: train minus test accuracy. Who learns nothing has none.",
  },
  {
    id: "complexity",
    title: "Complexity (%)",
    unit: "%",
    help: "Random-label complexity: 0 % is chance, 100 % every random label learned. Lower is not better.",
  },
  {
    id: "bits",
    title: "Bits · declared",
    unit: "bits",
    help: "Memorised bits per sample, from the loss on random labels; can be negative. As declared by the signer.",
  },
  {
    id: "effectiveRank",
    title: "Effective rank · declared",
    unit: "",
    help: "Of the last tap's features: the exponential of their spectrum's entropy; 0 where none varies between samples. As declared by the signer.",
  },
  {
    id: "refitComplexity",
    title: "Refit (%)",
    unit: "%",
    help: "Complexity by ridge regression on the final features: no optimiser in it.",
  },
  {
    id: "frozenComplexity",
    title: "Frozen trunk (%)",
    unit: "%",
    help: "Negative control: the same refit on the random trunk before training.",
    control: true,
    unusual: true,
  },
  {
    id: "nullComplexity",
    title: "Null (%)",
    unit: "%",
    help: "Negative control: what width and number of samples alone would give.",
    control: true,
    unusual: true,
  },
];

const isRankedName = (id: NumberName): id is Ranked =>
  !["frozenComplexity", "nullComplexity", "seconds"].includes(id);

export const NUMBER_COLUMNS: readonly BoardColumn[] = NUMBERS.map(
  ({ id, title, unit, help, control, unusual }) => ({
    id,
    title,
    help: `${help} ${PLUS_MINUS}`,
    numeric: true,
    control: control ?? false,
    usual: !unusual,
    sort: isRankedName(id) ? id : null,
    order: ({ numbers }) => numbers[id]?.mean ?? null,
    cell: ({ numbers, divergence }) =>
      intervalCell(numbers[id], title.replace(/ [(·].*$/, ""), unit, divergence),
  }),
);
