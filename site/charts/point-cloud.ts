/** @file Very many points as one path for each colour and shape: a few bytes a point, and nothing to click. */

import type * as Plot from "@observablehq/plot";
import type { SymbolName } from "./families.ts";

interface CloudPoint {
  x: number;
  y: number;
  color: string;
  symbol: SymbolName;
}

/** Half a shape's size in pixels. */
const REACH = 3;

/** Outlines from where the pen is set down, some pixels from the point itself. */
const OUTLINES: Readonly<Record<SymbolName, readonly [dx: number, dy: number, path: string]>> = {
  circle: [-REACH, 0, "a3 3 0 1 0 6 0a3 3 0 1 0-6 0"],
  square: [-REACH, -REACH, "h6v6h-6z"],
  triangle: [0, -4, "l4 7h-8z"],
  diamond2: [0, -4, "l4 4-4 4-4-4z"],
  star: [0, -5, "l1 3h4l-3 2 1 4-3-2-3 2 1-4-3-2h4z"],
  cross: [-1, -4, "h2v3h3v2h-3v3h-2v-3h-3v-2h3z"],
  wye: [-1, 4, "h2v-4l3-2-1-2-3 2-3-2-1 2 3 2z"],
  hexagon: [-2, -4, "h4l2 4-2 4h-4l-2-4z"],
};

/** Of so many points a step of two pixels is seen by nobody, and costs a page much less. */
const VERY_MANY = 2000;

/** All points at whole pixels, those of one look at one pixel once; the rarest looks are painted last. */
export function pointCloud(points: readonly CloudPoint[]): Plot.Markish {
  return (_index, scales, _values, _dimensions, { document }) => {
    const x = scales.x as unknown as (value: number) => number;
    const y = scales.y as unknown as (value: number) => number;
    const pixels = points.length > VERY_MANY ? 2 : 1;
    const near = (value: number) => pixels * Math.round(value / pixels);
    const looks = [...Map.groupBy(points, ({ color, symbol }) => `${color} ${symbol}`).values()];
    const group = document.createElementNS(SVG, "g");
    group.setAttribute("class", "cloud");
    group.setAttribute("fill-opacity", "0.7");
    for (const look of looks.toSorted((a, b) => b.length - a.length)) {
      const [{ color, symbol }] = look as [CloudPoint];
      const [dx, dy, outline] = OUTLINES[symbol];
      const places = look.map((each) => [near(x(each.x)) + dx, near(y(each.y)) + dy]);
      const distinct = [...new Set(places.map(([left, top]) => `M${left} ${top}${outline}`))];
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("fill", color);
      path.setAttribute("d", distinct.join(""));
      group.append(path);
    }
    return group;
  };
}

const SVG = "http://www.w3.org/2000/svg";
