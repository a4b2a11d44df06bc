/** @file The lines of a chart of heads: the dash tells the label space, the colour the draw. */

import type { LineEnd } from "./end-labels.ts";
import type { Head, HeadCurve, HeadCurvesRow } from "./head-rows.ts";
import { DASHES, SUPPRESSED_COLOR } from "./learning-lines.ts";
import type { LegendEntry } from "./legend.ts";

/** Draws are independent labellings, so that none stands before another; with more than four, colours come again. */
const DRAW_COLORS = [
  "var(--accent)",
  "var(--family-weight-decay)",
  "var(--family-augmentation)",
  "var(--family-noise)",
] as const;

export interface HeadLine {
  curve: HeadCurve;
  color: string;
  dash: string | null;
  width: number;
}

/** Of one tap. */
export function headLines(row: HeadCurvesRow, tap: number): HeadLine[] {
  const dashes = dashesOf(row);
  return row.heads
    .filter((head) => head.tap === tap)
    .map((curve) => ({
      curve,
      color: colorOf(curve),
      dash: dashes.get(curve.n) ?? null,
      width: curve.n === row.headline ? 2 : 1.5,
    }));
}

/** One name for each label space of a tap, amid the ends of its draws. */
export function headEnds(lines: readonly HeadLine[]): LineEnd[] {
  const groups = Map.groupBy(lines, ({ curve: { n, regularized } }) =>
    regularized ? "suppressed" : `n = ${n}`,
  );
  return Array.from(groups, ([label, group]) => ({
    label,
    y: group.reduce((sum, { curve }) => sum + (curve.epochs.at(-1)?.mean ?? 0), 0) / group.length,
    color: label === "suppressed" ? SUPPRESSED_COLOR : "var(--faint)",
  }));
}

/** What dashes stand for, then what colours do. */
export function headLegend(row: HeadCurvesRow): LegendEntry[] {
  const line = (text: string, color: string, dash: string | null): LegendEntry => ({
    sign: { kind: "line", color, dash, width: 2 },
    text,
  });
  const free = row.heads.filter(({ regularized }) => !regularized);
  const draws = [...new Set(free.map(({ draw }) => draw))].toSorted((a, b) => a - b);
  return [
    ...Array.from(dashesOf(row), ([n, dash]) =>
      line(n === row.headline ? `n = ${n}, the headline's` : `n = ${n}`, "var(--ink)", dash),
    ),
    ...draws.map((draw) => line(`draw ${draw}`, colorOf({ draw, regularized: false }), null)),
    ...(free.length < row.heads.length
      ? [line("the draw that rl= suppresses", SUPPRESSED_COLOR, null)]
      : []),
  ];
}

/** `n = 100, draw 0`. */
export function headName({ n, draw, regularized }: Omit<Head, "tap">): string {
  return `n = ${n}, draw ${draw}${regularized ? ", suppressed" : ""}`;
}

/** By label space, in the protocol's order; the headline's is solid. */
function dashesOf({ heads, headline }: HeadCurvesRow): Map<number, string | null> {
  const spaces = [...new Set(heads.map(({ n }) => n))];
  const dashes = DASHES.values();
  return new Map(spaces.map((n) => [n, n === headline ? null : (dashes.next().value ?? null)]));
}

function colorOf({ draw, regularized }: Pick<Head, "draw" | "regularized">): string {
  return regularized ? SUPPRESSED_COLOR : DRAW_COLORS[draw % DRAW_COLORS.length]!;
}
