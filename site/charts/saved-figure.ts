/**
 * @file A figure with links that save it: one SVG that stands alone, and the numbers behind it as CSV. The links hold the
 * files themselves, so that they need neither a network nor a script.
 */

import { type VNode, cloneElement, isValidElement } from "preact";
import { render } from "preact-render-to-string";
import { csvText } from "../../record/csv.ts";
import { type Child, h } from "../markup/element.ts";
import { CSV, fileLink } from "../markup/file-link.ts";
import type { ChartRows } from "./figure.ts";

interface Saving {
  /** Of the files, without an ending. */
  name: string;
  rows: ChartRows;
  /** What `var(--ink)` and the like stand for in a picture on white paper, by name. */
  colors: ReadonlyMap<string, string>;
}

/** @param figure what `figure` has made: a panel or a picture for wide screens each is saved, one below the other. */
export function savedFigure(figure: VNode, { name, rows, colors }: Saving): VNode {
  const title = textOf(found(figure, "title")[0]);
  const links = h(
    "p",
    { class: "save" },
    fileLink("Picture as SVG", title, `${name}.svg`, SVG, standaloneSvg(figure, title, colors)),
    " ",
    fileLink("Numbers as CSV", title, `${name}.csv`, CSV, csvText(rows.columns, rows.rows)),
  );
  return cloneElement(figure, {}, ...childrenOf(figure), links);
}

const SVG = "image/svg+xml";

/** The light colours of a style sheet's `--name: light-dark(LIGHT, DARK)`. */
export function lightColors(css: string): Map<string, string> {
  const declared = css.matchAll(/(--[a-z-]+): light-dark\((#[0-9a-f]+), #[0-9a-f]+\)/g);
  return new Map(Array.from(declared, ([, name, light]) => [name!, light!]));
}

/** Pixels between pictures, of a line of text, and the widest row of panels. */
const [SPACE, LINE, WIDEST, PAIR] = [24, 20, 1200, 800];

interface Part {
  /** Above the picture. */
  title: string;
  note: string;
  svg: VNode;
  width: number;
  height: number;
}

/** Title, pictures in rows, legend; every colour is written out, as few programs know style sheets' variables. */
function standaloneSvg(figure: VNode, title: string, colors: ReadonlyMap<string, string>): string {
  const parts = partsOf(figure);
  const isPaired = found(figure, "pairs").length > 0;
  const { placed, width, bottom } = inRows(parts, isPaired ? PAIR : WIDEST);
  const entries = found(figure, "legend").flatMap(childrenOf).filter(isElement);
  const height = bottom + LINE * entries.length + SPACE / 2;
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  const look = { "font-family": "system-ui, sans-serif", "font-size": 12, color: "var(--ink)" };
  const root = h(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", ...size, ...look, fill: "currentColor" },
    h("title", {}, title),
    h("desc", {}, textOf(found(figure, "figcaption")[0]).slice(title.length)),
    h("rect", { width, height, fill: "var(--paper)" }),
    h("text", { x: 0, y: LINE - 4, "font-size": 15, "font-weight": 600 }, title),
    ...placed,
    ...entries.flatMap((entry, i) => legendLine(entry, bottom + LINE * i)),
  );
  return render(root)
    .replace(/var\((--[a-z-]+)\)/g, (text, name: string) => colors.get(name) ?? text)
    .replace(/<a [^>]*>/g, "<g>") // to places in a page that is not there
    .replaceAll("</a>", "</g>");
}

/** Panels, or the picture that a wide screen shows. */
function partsOf(figure: VNode): Part[] {
  const holders = [...found(figure, "panel"), ...found(figure, "wide")];
  return holders.flatMap((holder) => {
    const [svg] = found(holder, "plot");
    if (svg === undefined) return [];
    const [title, note] = childrenOf(holder).filter((each) => isElement(each) && each.type === "p");
    const { width, height } = svg.props as unknown as Record<"width" | "height", string>;
    return { svg, title: textOf(title), note: textOf(note), width: +width, height: +height };
  });
}

function inRows(
  parts: readonly Part[],
  widest: number,
): { placed: VNode[]; width: number; bottom: number } {
  const placed: VNode[] = [];
  let [x, y, width, row] = [0, LINE + SPACE / 2, 0, 0];
  for (const part of parts) {
    if (x > 0 && x + part.width > widest) [x, y, row] = [0, y + row + SPACE, 0];
    const texts = [part.title, part.note].filter((text) => text !== "");
    const top = y + LINE * texts.length;
    texts.forEach((text, i) => {
      const weight = i === 0 ? 600 : 400;
      placed.push(h("text", { x, y: y + LINE * i + LINE - 6, "font-weight": weight }, text));
    });
    placed.push(cloneElement(part.svg, { x, y: top, overflow: "visible" }));
    row = Math.max(row, top - y + part.height);
    width = Math.max(width, x + part.width);
    x += part.width + SPACE;
  }
  return { placed, width, bottom: y + row + SPACE / 2 };
}

function legendLine(entry: VNode, y: number): VNode[] {
  const [sign] = childrenOf(entry).filter(isElement);
  return [
    ...(sign ? [cloneElement(sign, { x: 0, y })] : []),
    h("text", { x: 34, y: y + 11 }, textOf(entry)),
  ];
}

const isElement = (child: unknown): child is VNode =>
  isValidElement(child) && typeof child.type === "string";

/** Flat: a list of children counts as its members. */
function childrenOf(element: VNode): Child[] {
  const { children } = element.props as { children?: Child | Child[] };
  return [children].flat(Infinity) as Child[];
}

/** The element itself, or those within it, whose class this is; a caption by its name. */
function found(element: VNode, name: string): VNode[] {
  const { class: classes = "" } = element.props as { class?: string };
  if (element.type === name || classes.split(" ").includes(name)) return [element];
  return childrenOf(element)
    .filter(isElement)
    .flatMap((child) => found(child, name));
}

function textOf(child: Child): string {
  if (isElement(child)) return childrenOf(child).map(textOf).join("");
  return typeof child === "string" || typeof child === "number" ? String(child) : "";
}
