/**
 * @file Shares of samples over a training that goes on before somebody's eyes: what is right on training and test images,
 * and how many random labels are known. Drawn anew at every epoch, so without the chart library, which takes longer.
 */

import type { VNode } from "preact";
import { h } from "../markup/element.ts";
import { percent } from "./numbers.ts";

/** At one epoch, in evaluation mode: shares in [0, 1], of random labels from chance (0) to every one (1). */
export interface EpochShares {
  train: number;
  test: number;
  randomLabels: number;
}

interface TrainingLines {
  /** At epochs 0, 1, ...; as many as there are by now. */
  shares: readonly EpochShares[];
  /** Another training to compare with, drawn faintly behind. */
  before?: readonly EpochShares[];
  /** The last epoch of the axis. */
  epochs: number;
  /** The epoch that is marked and whose numbers stand at the lines' ends; the last one there is unless given. */
  at?: number;
}

type Name = keyof EpochShares;

const LINES: readonly { name: Name; title: string }[] = [
  { name: "train", title: "training accuracy" },
  { name: "test", title: "test accuracy" },
  { name: "randomLabels", title: "random labels, beyond guessing" },
];

/** For a wide and for a narrow screen; charts.css shows one of them. */
export function trainingLines(lines: TrainingLines): VNode {
  return h(
    "figure",
    { class: "chart training-lines" },
    h("div", { class: "wide" }, drawing(lines, 620)),
    h("div", { class: "narrow" }, drawing(lines, 330)),
    h(
      "ul",
      { class: "legend" },
      ...LINES.map(({ name, title }) =>
        h(
          "li",
          {},
          h(
            "svg",
            { width: 26, height: 12, viewBox: "0 0 26 12", "aria-hidden": "true" },
            h("path", { class: `line ${name}`, d: "M0 6H26" }),
          ),
          title,
        ),
      ),
    ),
  );
}

const HEIGHT = 190;
const [TOP, BOTTOM, LEFT, RIGHT] = [12, 28, 34, 46];

/** Least distance between two numbers at the lines' ends, in pixels. */
const APART = 15;

function drawing({ shares, before = [], epochs, at }: TrainingLines, width: number): VNode {
  const x = (epoch: number) => LEFT + (epoch / epochs) * (width - LEFT - RIGHT);
  const y = (share: number) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  const path = (of: readonly EpochShares[], name: Name) =>
    of
      .map((each, i) => `${i === 0 ? "M" : "L"}${x(i).toFixed(1)} ${y(each[name]).toFixed(1)}`)
      .join("");
  const marked = Math.min(at ?? shares.length - 1, shares.length - 1);
  const now = shares[marked];
  return h(
    "svg",
    {
      ...{ class: "plot", width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img" },
      "aria-label": now === undefined ? "Nothing trained yet" : spoken(now, marked),
    },
    ...[0, 0.5, 1].map((share) =>
      h(
        "g",
        { class: "axis-line" },
        h("path", { d: `M${LEFT} ${y(share)}H${width - RIGHT}` }),
        h("text", { x: LEFT - 6, y: y(share) + 4, "text-anchor": "end" }, `${100 * share}`),
      ),
    ),
    h("text", { class: "unit", x: LEFT - 6, y: y(1) + 18, "text-anchor": "end" }, "%"),
    ...[0, epochs / 2, epochs].map((epoch) =>
      h(
        "text",
        { class: "unit", x: x(epoch), y: HEIGHT - 8, "text-anchor": "middle" },
        `${epoch === 0 ? "epoch 0" : epoch}`,
      ),
    ),
    ...LINES.map(({ name }) => h("path", { class: `line before ${name}`, d: path(before, name) })),
    ...LINES.map(({ name }) => h("path", { class: `line ${name}`, d: path(shares, name) })),
    at === undefined ? null : h("path", { class: "marker", d: `M${x(marked)} ${TOP}V${y(0)}` }),
    ...(now === undefined ? [] : ends(now, width - RIGHT + 6, y)),
  );
}

/** The marked epoch's numbers, pushed apart where they would lie on each other. */
function ends(now: EpochShares, x: number, y: (share: number) => number): VNode[] {
  const places = LINES.map(({ name }) => ({ name, y: y(now[name]) + 4 })).sort((a, b) => a.y - b.y);
  for (const [i, place] of places.entries())
    if (i > 0) place.y = Math.max(place.y, places[i - 1]!.y + APART);
  const over = places.at(-1)!.y - (HEIGHT - BOTTOM + 4);
  if (over > 0) for (const place of places) place.y -= over;
  return places.map(({ name, y: at }) =>
    h("text", { class: `end ${name}`, x, y: at }, percent(now[name])),
  );
}

function spoken({ train, test, randomLabels }: EpochShares, epoch: number): string {
  return (
    `Epoch ${epoch}: right on ${percent(train)} % of the training images and ${percent(test)} % of the test images; ` +
    `${percent(randomLabels)} % of the random labels known, beyond guessing`
  );
}
