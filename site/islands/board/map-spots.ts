/** @file Where entries lie on a drawn map, found from the scale that it carries. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import { type MapScale, type Placed, placeOnMap, placedOn } from "../../charts/map-points.ts";
import type { BoardView } from "../../data/board-view.ts";
import { mapRow } from "../../data/map-row.ts";

export const MAP = ".map .plot[data-scale]";

/** A point and where it is: a link of its own, or in a crowd the row that becomes one. */
export interface Spot {
  x: number;
  y: number;
  href: string;
  placed: Placed | null;
}

/** Null for a row that has no place. In the map's own pixels. */
export function spotOf(map: SVGSVGElement, view: BoardView, row: BoardRow): Spot | null {
  const scale = JSON.parse(map.dataset["scale"]!) as MapScale;
  const placed = placedOn(view.axis, mapRow(row), scale.isLog);
  const { width, height } = map.viewBox.baseVal;
  return placed && { ...placeOnMap(scale, { width, height }, placed), href: placed.href!, placed };
}

/** A ring around the selected entry's point, which keeps its colour. @param known rows that it may be among. */
export function ringSelected(root: Element, view: BoardView, known: readonly BoardRow[]): void {
  for (const ring of root.querySelectorAll(`${MAP} .ring`)) ring.remove();
  const row = known.find(({ entry }) => entry === view.selected);
  if (row === undefined) return;
  for (const map of root.querySelectorAll<SVGSVGElement>(MAP)) {
    const spot = spotOf(map, view, row);
    if (spot !== null)
      map.append(svgElement("circle", { class: "ring", cx: spot.x, cy: spot.y, r: 10 }));
  }
}

export function svgElement(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
