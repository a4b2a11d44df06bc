/** @file One way of calling Observable Plot: no styles in the picture, an accessible name, colours as they are. */

import * as Plot from "@observablehq/plot";
import type { VNode } from "preact";
import { h } from "../markup/element.ts";

/** Where a picture is drawn, and how wide in pixels. */
export interface Canvas {
  document: Document;
  width: number;
}

let page: Document | undefined = globalThis.document;

/** Where there is no browser, pictures are drawn on this document from now on. */
export function drawOn(document: Document): void {
  page = document;
}

export function canvasOf(width: number): Canvas {
  if (page === undefined) throw new Error("no document to draw on: import drawn.ts");
  return { document: page, width };
}

interface Naming {
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
  const said = document.createElementNS(SVG, "desc");
  said.textContent = description;
  picture.prepend(said);
  return picture;
}

const SVG = "http://www.w3.org/2000/svg";

/** Plot writes `xlink:href`, which selectors do not find and a serialized page turns into `href`. */
function plainLink(link: Element): void {
  const address = link.getAttribute("href");
  link.removeAttribute("href");
  if (address !== null) link.setAttribute("href", address);
}

/** What Plot has drawn, as an element whose content Preact leaves alone. */
export function picture({ attributes, childNodes }: Element): VNode {
  const given = Array.from(attributes, ({ name, value }) => [name, value] as const);
  const inside = Array.from(childNodes, nodeText).join("");
  return h("svg", {
    ...Object.fromEntries(given),
    dangerouslySetInnerHTML: { __html: inside },
  });
}

const [ELEMENT, TEXT] = [1, 3];

/** HTML of a node and all that is in it; coordinates are shortened, and comments left out. */
export function nodeText(node: Node): string {
  if (node.nodeType === TEXT) return escapeText(node.textContent ?? "");
  if (node.nodeType !== ELEMENT) return "";
  const { localName: name, attributes, childNodes } = node as Element;
  const written = Array.from(attributes, attributeText).join("");
  return `<${name}${written}>${Array.from(childNodes, nodeText).join("")}</${name}>`;
}

/** Attributes that hold coordinates in pixels. */
const COORDINATES = new Set(
  "d transform x y x1 x2 y1 y2 dx dy cx cy r width height points".split(" "),
);

function attributeText({ name, value }: Attr): string {
  return ` ${name}="${escapeText(COORDINATES.has(name) ? shortenNumbers(value) : value)}"`;
}

/** A tenth of a pixel is less than anybody sees. */
function shortenNumbers(coordinates: string): string {
  return coordinates.replace(/-?\d+\.\d+(e-?\d+)?/g, (digits) =>
    String(Number(Number(digits).toFixed(1))),
  );
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escapeText = (text: string) => text.replace(/[&<>"]/g, (letter) => ESCAPES[letter]!);

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

/** Names at the right ends of lines, moved apart where lines end close together. */
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

/** Where a point's name goes so that it covers neither points nor other names. All lengths in pixels. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface Anchor {
  x: number;
  y: number;
  text: string;
  /** Does its name choose its place, near or far, before those of others? */
  isFirst?: boolean;
}

/** Left end and middle height of a text. */
interface Place {
  x: number;
  y: number;
}

/** Mean advance of an 11 px system font, of a wide one: too much room is seen by nobody. */
const LETTER = 6.8;

/** From the middle of a point to its name. */
const LABEL_DISTANCES = 9;

/**
 * Ring by ring, and in each greedy in the order given: a name beside its own point comes before one that has to be led to it.
 * Null for a name that fits nowhere inside `frame`, and for an empty one.
 *
 * @param bars kept free where that is possible, such as intervals. @param reach rings of places around each point; a name
 *   beyond the first is led to its point by `leaderOf`, and no leader crosses a name. @param written where other words stand.
 */
export function placeLabels(
  anchors: readonly Anchor[],
  frame: Box,
  bars: readonly Box[] = [],
  reach = 1,
  written: readonly Box[] = [],
): (Place | null)[] {
  const points = anchors.map(({ x, y }) =>
    textBox({ x: x - LABEL_DISTANCES + 2, y }, 2 * LABEL_DISTANCES - 4),
  );
  const names = [...written];
  const leaders: Box[] = [];
  const leaderTo = (anchor: Anchor, place: Place) =>
    reach === 1 ? [] : alongLine(leaderOf(anchor, place));
  const places: (Place | null)[] = anchors.map(() => null);
  const choose = (anchor: Anchor, ring: number): Place | null => {
    const width = widthOf(anchor);
    const free = candidates(anchor, width, ring).filter((place) => {
      const box = textBox(place, width);
      const isOn = (others: readonly Box[]) => others.some((other) => overlap(box, other));
      if (!isInside(box, frame) || isOn(points) || isOn(names) || isOn(leaders)) return false;
      return !leaderTo(anchor, place).some((step) => names.some((name) => overlap(step, name)));
    });
    const clear = free.find((place) => !bars.some((bar) => overlap(textBox(place, width), bar)));
    return clear ?? free[0] ?? null;
  };
  for (const turn of [true, false])
    for (let ring = 0; ring < reach; ring++)
      for (const [i, anchor] of anchors.entries()) {
        const { text, isFirst = false } = anchor;
        const place = text === "" || places[i] || isFirst !== turn ? null : choose(anchor, ring);
        if (place === null) continue;
        places[i] = place;
        names.push(textBox(place, widthOf(anchor)));
        leaders.push(...leaderTo(anchor, place));
      }
  return places;
}

/** Boxes of two pixels, one after the other. */
function alongLine(line: ReturnType<typeof leaderOf>): Box[] {
  if (line === null) return [];
  const { x1, y1, x2, y2 } = line;
  const steps = Math.ceil(Math.hypot(x2 - x1, y2 - y1) / 3);
  return Array.from({ length: steps }, (_, i) => {
    const [x, y] = [x1 + ((x2 - x1) * i) / steps, y1 + ((y2 - y1) * i) / steps];
    return { left: x - 1, right: x + 1, top: y - 1, bottom: y + 1 };
  });
}

const widthOf = ({ text }: Anchor) => text.length * LETTER;

/** From a point to its name where that stands farther away than beside it; null beside it. */
export function leaderOf(
  anchor: Anchor,
  place: Place,
): { x1: number; y1: number; x2: number; y2: number } | null {
  const box = textBox(place, widthOf(anchor));
  const x2 = Math.min(Math.max(anchor.x, box.left), box.right);
  const y2 = Math.min(Math.max(anchor.y, box.top), box.bottom);
  const isBeside = Math.hypot(x2 - anchor.x, y2 - anchor.y) <= LABEL_DISTANCES + 2;
  return isBeside ? null : { x1: anchor.x, y1: anchor.y, x2, y2 };
}

/** Places for a name on one ring around its point: right, left, above and below, then the corners. */
function candidates({ x, y }: Anchor, width: number, ring: number): Place[] {
  const [away, lines] = [LABEL_DISTANCES + 14 * ring, LINE * (1 + ring)];
  const [right, left, middle] = [x + away, x - away - width, x - width / 2];
  const [above, below] = [y - lines, y + lines];
  return [
    { x: right, y },
    { x: left, y },
    { x: middle, y: above },
    { x: middle, y: below },
    { x: right, y: above },
    { x: right, y: below },
    { x: left, y: above },
    { x: left, y: below },
  ];
}

function textBox({ x, y }: Place, width: number): Box {
  return { left: x, right: x + width, top: y - LINE / 2, bottom: y + LINE / 2 };
}

function isInside(box: Box, frame: Box): boolean {
  return (
    box.left >= frame.left &&
    box.right <= frame.right &&
    box.top >= frame.top &&
    box.bottom <= frame.bottom
  );
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Width at which a panel is drawn, in pixels: nearly a telephone's. */
export const PANEL = 360;

interface Panel {
  title: string;
  /** What the picture leaves out. */
  note?: string | null;
  picture: SVGElement;
}

/** Panels side by side, as many as fit, or two where pairs belong together. */
export function panels(all: readonly Panel[], areInPairs = false): VNode {
  const drawn = all.map(({ title, note = null, picture: svg }) =>
    h(
      "div",
      { class: "panel" },
      h("p", {}, title),
      note === null ? null : h("p", { class: "note" }, note),
      picture(svg),
    ),
  );
  return h("div", { class: areInPairs ? "panels pairs" : "panels" }, ...drawn);
}
