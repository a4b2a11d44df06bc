/** @file The picture beside a shared link, 1200 x 630: what the page is about in words, and its place on the board's map. */

import type { VNode } from "preact";
import type { Interval } from "../../record/statistics/interval.ts";
import { h } from "../markup/element.ts";
import { paddedDomain } from "./plot.ts";
import { percentInterval } from "./numbers.ts";

export const LINK_PICTURE = { width: 1200, height: 630 } as const;

/** A row's place on the map: shares, null where a run diverged. */
export interface LinkPoint {
  learnedComplexity: Interval | null;
  gap: Interval | null;
}

export interface LinkWords {
  title: string;
  /** Cut into lines at commas and spaces. */
  about: string;
  facts: readonly (readonly [name: string, value: string])[];
}

/** Learned complexity and gap as such pictures say them. */
export function linkFacts({ learnedComplexity, gap }: LinkPoint): LinkWords["facts"] {
  const points = (value: Interval | null, unit: string) =>
    value === null ? "–" : `${percentInterval(value)} ${unit}`;
  return [
    ["learned complexity", points(learnedComplexity, "%")],
    ["generalization gap", points(gap, "points")],
  ];
}

/** Light, whatever the theme of who looks: nobody knows where it will be shown. Resolved colours, as no style sheet is there. */
const [PAPER, INK, FAINT, LINE, ACCENT] = ["#ffffff", "#1a1d21", "#5d646d", "#c9ced6", "#0050c5"];
const FONT = "system-ui, DejaVu Sans, Liberation Sans, Noto Sans, Arial, sans-serif";

/** The map's square. */
const MAP = { left: 690, top: 70, size: 450 } as const;

/** @param marked the row that the page is about, drawn over all others. */
export function linkPicture(
  { title, about, facts }: LinkWords,
  points: readonly LinkPoint[],
  marked: LinkPoint | null = null,
): VNode {
  const { width, height } = LINK_PICTURE;
  const lines = wrapped(about, 30).slice(0, 3);
  const belowAbout = 250 + 46 * lines.length;
  return h(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` },
    h("rect", { width, height, fill: PAPER }),
    h("rect", { width, height: 14, fill: ACCENT }),
    title === "Rademark" ? null : words("Rademark", 60, 100, { size: 30, fill: FAINT }),
    words(title, 60, 190, { size: title.length > 18 ? 44 : 64, weight: 700 }),
    lines.map((line, i) => words(line, 60, 246 + 46 * i, { size: 34 })),
    facts.map(([name, value], i) => [
      words(value, 60, belowAbout + 70 + 100 * i, { size: 40, weight: 700 }),
      words(name, 60, belowAbout + 106 + 100 * i, { size: 26, fill: FAINT }),
    ]),
    ...map(points, marked),
  );
}

interface TextLook {
  size: number;
  fill?: string;
  weight?: number;
  turned?: string;
}

function words(
  text: string,
  x: number,
  y: number,
  { size, fill = INK, weight = 400, turned }: TextLook,
): VNode {
  const font = { "font-family": FONT, "font-size": size, "font-weight": weight };
  return h("text", { x, y, fill, ...font, transform: turned ?? null }, text);
}

/** Lines of at most so many letters where the text lets itself be cut. */
function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const part of text.split(/(?<=[, ])/)) {
    const last = lines.at(-1);
    if (last !== undefined && (last + part).trimEnd().length <= most)
      lines[lines.length - 1] += part;
    else lines.push(part);
  }
  return lines.map((line) => line.trimEnd());
}

function map(points: readonly LinkPoint[], marked: LinkPoint | null): VNode[] {
  const placed = [...points, ...(marked === null ? [] : [marked])].flatMap(place);
  const { left, top, size } = MAP;
  const frame = h("rect", {
    ...{ x: left, y: top, width: size, height: size },
    ...{ fill: "none", stroke: LINE, "stroke-width": 2 },
  });
  const axes = [
    words("learned complexity →", left, top + size + 40, { size: 24, fill: FAINT }),
    words("gap →", left - 18, top + size, {
      ...{ size: 24, fill: FAINT },
      turned: `rotate(-90 ${left - 18} ${top + size})`,
    }),
  ];
  if (placed.length === 0) return [frame, ...axes];
  const across = scale(placed.map(({ x }) => x));
  const up = scale(placed.map(({ y }) => y));
  const dot = ({ x, y }: Place, look: Record<string, string | number>) =>
    h("circle", { cx: left + size * across(x), cy: top + size * (1 - up(y)), ...look });
  return [
    frame,
    ...axes,
    ...points.flatMap(place).map((each) => dot(each, { r: 9, fill: FAINT, "fill-opacity": 0.55 })),
    ...(marked === null ? [] : place(marked)).map((each) =>
      dot(each, { r: 18, fill: ACCENT, stroke: PAPER, "stroke-width": 5 }),
    ),
  ];
}

interface Place {
  x: number;
  y: number;
}

function place({ learnedComplexity, gap }: LinkPoint): Place[] {
  return learnedComplexity && gap ? [{ x: learnedComplexity.mean, y: gap.mean }] : [];
}

function scale(values: readonly number[]): (value: number) => number {
  const [low, high] = paddedDomain(values);
  return (value) => 0.04 + (0.92 * (value - low)) / (high - low); // dots are large
}
