/** @file Formats comparisons of probed files for a terminal: a table, and what may be said of it. */

import { basename } from "node:path";
import { pointsText } from "../../record/board/comparison-words.ts";
import { formatCount } from "../format.ts";
import { printable } from "../printable.ts";
import { type Column, formatTable } from "../terminal-table.ts";
import { FEWEST_DRAWS } from "./probe-comparison.ts";
import type { ProbeComparison, TapDocument } from "./probe-document.ts";

/** The sides of comparisons, by their places. */
export interface Sides {
  taps: readonly Pick<TapDocument, "tap" | "width">[];
  /** What each is called, from `sideNames`. */
  names: readonly string[];
}

/** Each path's last part, or the whole where that is not unique. */
export function fileNames(paths: readonly string[]): string[] {
  const last = paths.map((path) => basename(path));
  return paths.map((path, i) =>
    last.filter((name) => name === last[i]).length > 1 ? path : last[i]!,
  );
}

const left = (title: string): Column => ({ title, align: "left" });
const right = (title: string): Column => ({ title, align: "right" });

const COLUMNS = [
  right("labels"),
  left("A"),
  left("B"),
  right("tap"),
  right("labellings"),
  right("capacity, A - B"),
  right("clouds, A - B"),
  right("p"),
  left("verdict"),
];

/** @param mark of a comparison's number, by its place. */
export function comparisonTable(
  comparisons: readonly ProbeComparison[],
  sides: Sides,
  mark: (place: number) => string = () => "",
): string {
  const rows = comparisons.map((comparison, i) => {
    const { n, a, b, draws, cloudDifference, p, verdict } = comparison;
    return [
      formatCount(n),
      sides.names[a]!,
      sides.names[b]!,
      tapText(sides.taps[a]!.tap, sides.taps[b]!.tap),
      String(draws),
      differenceText(comparison) + mark(i),
      signedPoints(cloudDifference),
      p === null ? "-" : p.toPrecision(2),
      verdict.replace("a is", "A is"),
    ];
  });
  return formatTable(COLUMNS, rows);
}

/** What the table's numbers are, and what was not found; one wrapped paragraph each. */
export function comparisonNotes(comparisons: readonly ProbeComparison[], sides: Sides): string[] {
  const tests = comparisons.filter(({ p }) => p !== null).length;
  const corrected = tests > 1 ? `, Holm-corrected over all ${tests} tests shown` : "";
  const sentences = [
    `Capacities are paired over the same labellings; differences are in points, with half of their 95 % interval. ` +
      `p: paired t-test${corrected}; intervals are not corrected. "Clouds" are shapeless ones of the same widths.`,
    "A difference is one between these two files under other labellings of these samples, and nothing else: two networks " +
      "that differ in nothing but their seed are told apart as well, with labellings enough. What a way of training does " +
      "is shown by several networks of each.",
    ...comparisons.flatMap((comparison) => note(comparison, sides)),
  ];
  return sentences.map((sentence) => wrapped(printable(sentence)));
}

function note(comparison: ProbeComparison, { taps, names }: Sides): string[] {
  const { n, a, b, draws, identical, verdict, criticalDifference, detectableDifference } =
    comparison;
  const tap = taps.some(({ tap }) => tap > 1) ? `tap ${tapText(taps[a]!.tap, taps[b]!.tap)}, ` : "";
  const pair = `${names[a]} and ${names[b]}, ${tap}${formatCount(n)} labels`;
  if (verdict === "too few draws")
    return [
      `${pair}: ${draws} ${draws === 1 ? "labelling is" : "labellings are"} too few for any statement; it takes ${FEWEST_DRAWS}.`,
    ];
  if (verdict !== "not distinguishable") return [];
  if (identical) return [`${pair}: the same capacity under each of ${draws} labellings.`];
  return [
    `${pair}: not distinguishable; over ${draws} labellings an observed difference had to exceed ` +
      `${pointsText(criticalDifference!)}, and a true one of ${pointsText(detectableDifference!)} would be found with power .8.`,
  ];
}

const tapText = (a: number, b: number) => (a === b ? String(a) : `${a}, ${b}`);

function differenceText({ difference }: ProbeComparison): string {
  if (difference === null) return "-";
  const { mean, high } = difference;
  const half = high === null ? "" : ` ± ${pointsText(high - mean)}`;
  return signedPoints(mean) + half;
}

function signedPoints(share: number): string {
  if (share === 0) return "0.0";
  return `${share < 0 ? "-" : "+"}${pointsText(Math.abs(share))}`;
}

const WIDTH = 100;

/** Wrapped at WIDTH, with all lines but the first indented. */
export function wrapped(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length >= WIDTH) {
      lines.push(line);
      line = "   ";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].join("\n");
}
