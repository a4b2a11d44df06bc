/** @file The lines of a depth chart: configurations, frozen random trunk and null. */

import type { Interval } from "../../record/interval.ts";
import type { LineEnd } from "./end-labels.ts";
import { FAMILIES, regularizerFamily } from "./families.ts";
import { ends } from "./percent.ts";

/** One architecture. All accuracies are rescaled so that 0 is chance and 1 everything. */
export interface DepthRow {
  arch: string;
  /** Size of the label space. */
  n: number;
  /** Names of the taps in order of depth. */
  taps: readonly string[];
  /** For each configuration a value at each tap; null where it was not measured. */
  refits: readonly { regs: string; byTap: readonly (Interval | null)[] }[];
  /** The same refit on the trunk at initialisation. */
  frozen: readonly (Interval | null)[];
  /** What a generic cloud of that width would give. */
  null: readonly (Interval | null)[];
}

/** Shares; `low` and `high` bound the 95 % interval. */
export interface DepthPoint {
  tap: string;
  mean: number;
  low: number;
  high: number;
}

export interface DepthLine extends LineEnd {
  dash: string | null;
  width: number;
  points: DepthPoint[];
}

const FROZEN = { color: "var(--faint)", dash: "6 3", width: 2 } as const;
const NULL = { color: "var(--faint)", dash: "1 4", width: 2 } as const;

/** The controls first, so that the configurations are drawn over them. */
export function depthLines(row: DepthRow): DepthLine[] {
  return [
    lineOf("null", row.null, row, NULL),
    lineOf("frozen", row.frozen, row, FROZEN),
    ...row.refits.map(({ regs, byTap }) => {
      const { color } = FAMILIES[regularizerFamily(regs)];
      return lineOf(regs, byTap, row, { color, dash: null, width: 2 });
    }),
  ];
}

function lineOf(
  label: string,
  byTap: readonly (Interval | null)[],
  { taps }: DepthRow,
  style: Pick<DepthLine, "color" | "dash" | "width">,
): DepthLine {
  const points = byTap.flatMap((interval, i) => {
    if (interval === null) return [];
    const [low, high] = ends(interval);
    return { tap: taps[i] ?? String(i + 1), mean: interval.mean, low, high };
  });
  return { label, points, y: points.at(-1)?.mean ?? 0, ...style };
}
