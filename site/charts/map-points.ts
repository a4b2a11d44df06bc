/** @file Points of the plane of complexity and gap: their intervals, and their names beside them. */

import * as Plot from "@observablehq/plot";
import type { Interval } from "../../record/interval.ts";
import { type Box, placeLabels } from "./label-placement.ts";
import { ends } from "./percent.ts";

/** Shares; x is complexity, y the gap, and the numbered ones the ends of their 95 % intervals. */
export interface MapPoint {
  x: number;
  x1: number;
  x2: number;
  y: number;
  y1: number;
  y2: number;
}

export function mapPoint(complexity: Interval, gap: Interval): MapPoint {
  const [[x1, x2], [y1, y2]] = [ends(complexity), ends(gap)];
  return { x: complexity.mean, x1, x2, y: gap.mean, y1, y2 };
}

/** A cross of both intervals through each point that has them, in the point's colour. */
export function intervalBars(
  points: readonly (MapPoint & { color: string })[],
  strokeOpacity: number,
): Plot.Markish[] {
  const known = points.filter(({ x1, x2, y1, y2 }) => x1 < x2 || y1 < y2);
  const style = { stroke: "color", strokeWidth: 1.5, strokeOpacity };
  return [
    Plot.ruleY(known, { y: "y", x1: "x1", x2: "x2", ...style }),
    Plot.ruleX(known, { x: "x", y1: "y1", y2: "y2", ...style }),
  ];
}

/** Text beside each point; a name that would cover a point or another name is left out. */
export function pointLabels(points: readonly (MapPoint & { label: string })[]): Plot.Markish {
  return Plot.text(points, {
    text: "label",
    textAnchor: "start",
    fontSize: 11,
    fill: "var(--ink)",
    stroke: "var(--paper)",
    strokeWidth: 3,
    ...placed(points),
  });
}

/** Runs when Plot has its scales: only then are there pixels. */
function placed(points: readonly (MapPoint & { label: string })[]): Plot.TextOptions {
  return Plot.initializer({}, (_data, facets, _channels, scales, dimensions) => {
    const x = scales.x as unknown as (value: number) => number;
    const y = scales.y as unknown as (value: number) => number;
    const { width, height, marginLeft, marginBottom } = dimensions;
    const frame = { left: marginLeft + 2, right: width, top: 0, bottom: height - marginBottom };
    const anchors = points.map((point) => ({ x: x(point.x), y: y(point.y), text: point.label }));
    const bars = points.flatMap((point): Box[] => [
      box(x(point.x1), x(point.x2), y(point.y), y(point.y)),
      box(x(point.x), x(point.x), y(point.y1), y(point.y2)),
    ]);
    const places = placeLabels(anchors, frame, bars);
    return {
      facets: facets.map((facet) => Array.from(facet).filter((i) => places[i] !== null)),
      channels: {
        x: { value: places.map((place) => place?.x ?? NaN) },
        y: { value: places.map((place) => place?.y ?? NaN) },
      },
    };
  });
}

function box(left: number, right: number, bottom: number, top: number): Box {
  return { left, right, top: top - 1, bottom: bottom + 1 };
}
