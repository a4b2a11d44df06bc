/** @file Names at the right ends of lines, moved apart where lines end close together. */

import * as Plot from "@observablehq/plot";

export interface LineEnd {
  label: string;
  /** Where the line ends, in the units of the y axis. */
  y: number;
  color: string;
}

const LINE = 13;

/** Between a line's end and its name: room for a mark. */
const AWAY = 10;
/** Letters of 6 pixels: the shortest and the longest name that room is made for. */
const [SHORTEST, LONGEST] = [10, 20];

/** Right margin that fits the names, in pixels. */
export function endMargin(ends: readonly LineEnd[]): number {
  const longest = Math.max(SHORTEST, ...ends.map(({ label }) => label.length));
  return AWAY + 6 + 6 * Math.min(LONGEST, longest);
}

/** @param at x of the ends, in the units of the x axis. */
export function endLabels(ends: readonly LineEnd[], at: string | number): Plot.Markish {
  return Plot.text(ends, {
    x: () => at,
    y: "y",
    text: ({ label }: LineEnd) => shorten(label),
    fill: "color",
    fontSize: 11,
    textAnchor: "start",
    dx: AWAY,
    ...apart(),
  });
}

const shorten = (text: string) =>
  text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;

function apart(): Plot.TextOptions {
  return Plot.initializer({}, (_data, facets, channels, scales, { height, marginBottom }) => {
    const y = scales.y as unknown as (value: number) => number;
    const pixels = Array.from(channels.y!.value as Iterable<number>, y);
    return {
      facets,
      channels: { y: { value: spread(pixels, LINE, height - marginBottom - LINE / 2) } },
    };
  });
}

/**
 * The same positions in the same order, at least `gap` apart, each group of crowded ones around its own middle
 * and none beyond `lowest` (the largest y).
 */
export function spread(positions: readonly number[], gap: number, lowest: number): number[] {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a]! - positions[b]!);
  let groups: number[][] = [];
  for (const i of order) {
    let group = [i];
    for (let last = groups.at(-1); last && end(last) + gap > start(group); last = groups.at(-1)) {
      group = [...last, ...group];
      groups = groups.slice(0, -1);
    }
    groups.push(group);
  }
  const moved = [...positions];
  for (const group of groups) group.forEach((i, k) => (moved[i] = start(group) + k * gap));
  return moved;

  function start(group: number[]): number {
    const middle = group.reduce((sum, i) => sum + positions[i]!, 0) / group.length;
    const first = middle - ((group.length - 1) * gap) / 2;
    return Math.min(first, lowest - (group.length - 1) * gap);
  }

  function end(group: number[]): number {
    return start(group) + (group.length - 1) * gap;
  }
}
