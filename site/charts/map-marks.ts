/** @file Points of a map: their places with intervals, the bars of these, and names that stand clear of each other. */

import * as Plot from "@observablehq/plot";
import type { Interval } from "../../record/statistics/interval.ts";
import { ends } from "./numbers.ts";
import { type Box, leaderOf, placeLabels } from "./plot.ts";

/** Bars of more points than this are a carpet that hides them, and names led from afar a net. */
export const MANY = 100;

/** x is the horizontal number, y the other, and the numbered ones the ends of their 95 % intervals. */
export interface MapPoint {
  x: number;
  x1: number;
  x2: number;
  y: number;
  y1: number;
  y2: number;
}

export function mapPoint(horizontal: Interval, vertical: Interval): MapPoint {
  const [[x1, x2], [y1, y2]] = [ends(horizontal), ends(vertical)];
  return { x: horizontal.mean, x1, x2, y: vertical.mean, y1, y2 };
}

/** A cross of both intervals through each point that has them, in the point's colour. */
export function intervalBars(
  points: readonly (MapPoint & { color: string })[],
  strokeOpacity: number,
  className?: string,
): Plot.Markish[] {
  const known = points.filter(({ x1, x2, y1, y2 }) => x1 < x2 || y1 < y2);
  const named = className !== undefined && { className };
  const style = { stroke: "color", strokeWidth: 1.5, strokeOpacity, ...named };
  return [
    Plot.ruleY(known, { y: "y", x1: "x1", x2: "x2", ...style }),
    Plot.ruleX(known, { x: "x", y1: "y1", y2: "y2", ...style }),
  ];
}

/** The names of the board's own points, then those of the reference, each with a line to its point where it stands apart. */
export function pointNames(points: readonly NamedPoint[]): Plot.Markish[] {
  const known: Known = {};
  const isOwn = (i: number) => points[i]!.isOwn;
  const reach = points.length > MANY ? 1 : FARTHEST;
  const some = (isNamed: (i: number) => boolean, className?: string) => [
    leaders(points, isNamed, { reach, known, className }),
    names(points, isNamed, { reach, known, className }),
  ];
  return [
    ...some(isOwn),
    ...(points.every(({ isOwn }) => isOwn) ? [] : some((i) => !isOwn(i), OUTLINED)),
  ];
}

/** The class of the reference's marks: a page hides them by it without drawing the map anew. */
export const OUTLINED = "outlined";

/** How many rings of places around a point are tried for its name. */
const FARTHEST = 4;

type NamedPoint = MapPoint & {
  label: string;
  /** Canonical regularizers. */
  regs: string;
  /** False for the reference's. */
  isOwn: boolean;
};

/** Found once Plot has its scales, for the marks that share it. */
interface Known {
  places?: ReturnType<typeof placeLabels>;
}

interface Naming {
  reach: number;
  known: Known;
  className: string | undefined;
}

function names(
  points: readonly NamedPoint[],
  isNamed: (i: number) => boolean,
  { reach, known, className }: Naming,
): Plot.Markish {
  return Plot.text(points, {
    text: "label",
    textAnchor: "start",
    fontSize: 11,
    fill: "var(--ink)",
    stroke: "var(--paper)",
    strokeWidth: 3,
    ...(className !== undefined && { className }),
    ...Plot.initializer({}, (_data, facets, _channels, scales, dimensions) => {
      const { places } = placesOf(points, reach, known, scales, dimensions);
      return {
        facets: facets.map((facet) => Array.from(facet).filter((i) => isNamed(i) && places[i])),
        channels: {
          x: { value: places.map((place) => place?.x ?? NaN) },
          y: { value: places.map((place) => place?.y ?? NaN) },
        },
      };
    }),
  });
}

function leaders(
  points: readonly NamedPoint[],
  isNamed: (i: number) => boolean,
  { reach, known, className }: Naming,
): Plot.Markish {
  return Plot.link(points, {
    ...{ x1: "x", y1: "y", x2: "x", y2: "y" },
    stroke: "var(--faint)",
    strokeWidth: 0.8,
    ...(className !== undefined && { className }),
    ...Plot.initializer({}, (_data, facets, _channels, scales, dimensions) => {
      const { places, anchors } = placesOf(points, reach, known, scales, dimensions);
      const lines = places.map((place, i) => place && leaderOf(anchors[i]!, place));
      const ends = ["x1", "y1", "x2", "y2"] as const;
      return {
        facets: facets.map((facet) => Array.from(facet).filter((i) => isNamed(i) && lines[i])),
        channels: Object.fromEntries(
          ends.map((end) => [end, { value: lines.map((line) => line?.[end] ?? NaN) }]),
        ),
      };
    }),
  });
}

/** Runs when Plot has its scales: only then are there pixels. */
function placesOf(
  points: readonly NamedPoint[],
  reach: number,
  known: Known,
  scales: Plot.ScaleFunctions,
  { width, height, marginLeft, marginBottom }: Plot.Dimensions,
) {
  const x = scales.x as unknown as (value: number) => number;
  const y = scales.y as unknown as (value: number) => number;
  const frame = { left: marginLeft + 2, right: width, top: 0, bottom: height - marginBottom };
  const anchors = points.map((point) => {
    const isFirst = point.regs === "none"; // what the others are compared with
    return { x: x(point.x), y: y(point.y), text: point.label, isFirst };
  });
  const bars = points.flatMap((point): Box[] => [
    box(x(point.x1), x(point.x2), y(point.y), y(point.y)),
    box(x(point.x), x(point.x), y(point.y1), y(point.y2)),
  ]);
  known.places ??= placeLabels(anchors, frame, bars, reach, [AXIS_TITLE]);
  return { places: known.places, anchors };
}

/** Pixels of the upright axis's title, in the picture's corner. */
const AXIS_TITLE: Box = { left: 0, right: 190, top: 0, bottom: 16 };

function box(left: number, right: number, bottom: number, top: number): Box {
  return { left, right, top: top - 1, bottom: bottom + 1 };
}
