/** @file One way of calling Observable Plot: no styles in the picture, an accessible name, colours as they are. */

import * as Plot from "@observablehq/plot";
import { svg } from "./element.ts";

/** Where a picture is drawn: a browser's document or a stand-in, and how wide in pixels. */
export interface Canvas {
  document: Document;
  width: number;
}

export interface Naming {
  /** What the picture is. */
  label: string;
  /** What it shows, in a sentence or two. */
  description: string;
  /** A picture with links in it is a group; one without is an image. */
  role: "group" | "img";
}

/**
 * An SVG that needs no style of its own: Plot's `<style>` is taken out (charts.css has those rules, so that a
 * strict content security policy holds), colours and symbols are used as given.
 */
export function drawPlot(
  { document, width }: Canvas,
  { label, description, role }: Naming,
  options: Plot.PlotOptions,
): SVGElement {
  const picture = Plot.plot({
    document,
    width,
    className: "plot",
    color: { type: "identity" },
    symbol: { type: "identity" },
    ...options,
  }) as unknown as SVGElement;
  picture.querySelector("style")?.remove();
  for (const group of picture.querySelectorAll("g[aria-label]"))
    group.removeAttribute("aria-label");
  for (const link of picture.querySelectorAll("a")) plainLink(link);
  for (const [name, value] of Object.entries({ role, "aria-label": label, "font-size": "12" }))
    picture.setAttribute(name, value);
  picture.prepend(svg(document, "desc", {}, description));
  return picture;
}

/** Plot writes `xlink:href`, which selectors do not find and a serialised page turns into `href`. */
function plainLink(link: Element): void {
  const address = link.getAttribute("href");
  link.removeAttribute("href");
  if (address !== null) link.setAttribute("href", address);
}

/** Faint lines behind the marks. */
export const GRID = { stroke: "var(--line)", strokeOpacity: 0.6 } as const;

/** A domain with room at both ends; it reaches to zero when that costs less than half of the picture. */
export function paddedDomain(values: Iterable<number>, padding = 0.06): [number, number] {
  const all = [...values];
  if (all.length === 0) return [0, 1];
  const [least, high] = [Math.min(...all), Math.max(...all)];
  const low = least > 0 && least < high / 2 ? 0 : least;
  const room = Math.max((high - low) * padding, 0.005);
  return [low === 0 ? 0 : low - room, high + room];
}

/** Ticks in percent; `6 %` apart at the closest. */
export const percentTick = (share: number): string =>
  String(Number((100 * share).toFixed(1))).replace("-", "−");
