/** @file How a network is measured, as a picture: trunk, heads that read it without moving it, and ridge regression afterwards. */

import type { VNode } from "preact";
import { type Child, h } from "../markup/element.ts";

export function measurementFigure(): VNode {
  return h(
    "figure",
    { class: "chart full" },
    h(
      "figcaption",
      {},
      h("p", { class: "title" }, "One network, measured"),
      "The trunk learns classes. A head at each tap learns random labels from the same features; the bar on its line says that no ",
      "gradient goes back. After training, ridge regression tries labels that no head met.",
    ),
    h("div", { class: "wide" }, drawing(WIDE)),
    h("div", { class: "narrow" }, drawing(NARROW)),
  );
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  /** One line of text each; the first is bold in a result. */
  lines: readonly string[];
  look: "plain" | "trunk" | "head" | "result";
}

/** A line through points, with a head at its end, and a bar across where no gradient comes back. */
interface Arrow {
  points: readonly (readonly [x: number, y: number])[];
  bar?: readonly [x: number, y: number, isUpright: boolean];
}

interface Layout {
  width: number;
  height: number;
  boxes: readonly Box[];
  arrows: readonly Arrow[];
  notes: readonly (readonly [x: number, y: number, text: string])[];
}

const box = (
  look: Box["look"],
  [x, y, width, height]: readonly [number, number, number, number],
  ...lines: string[]
): Box => ({ x, y, width, height, lines, look });

const WIDE: Layout = {
  width: 760,
  height: 316,
  boxes: [
    box("plain", [8, 26, 124, 84], "training image,", "its class, and", "a random label"),
    ...[176, 286, 396].map((x, i) => box("trunk", [x, 38, 86, 60], "layers", `tap ${i + 1}`)),
    ...[172, 282, 392].map((x) => box("head", [x, 168, 66, 44], "head")),
    box("plain", [530, 38, 222, 60], "class head", "train and test accuracy: the gap"),
    box("result", [530, 160, 222, 60], "learned complexity", "random labels it has learned"),
    box(
      "plain",
      [172, 256, 310, 48],
      "after training: ridge regression",
      "on redrawn random labels",
    ),
    box("result", [530, 250, 222, 60], "capacity", "random labels it can fit"),
  ],
  arrows: [
    ...[132, 262, 372].map((x) => ({
      points: [
        [x, 68],
        [x + (x === 132 ? 42 : 22), 68],
      ] as const,
    })),
    {
      points: [
        [482, 68],
        [528, 68],
      ],
    },
    ...[205, 315, 425].map((x) => ({
      points: [
        [x, 98],
        [x, 166],
      ] as const,
      bar: [x, 136, false] as const,
    })),
    {
      points: [
        [458, 190],
        [528, 190],
      ],
    },
    {
      points: [
        [472, 98],
        [472, 254],
      ],
      bar: [472, 136, false],
    },
    {
      points: [
        [482, 280],
        [528, 280],
      ],
    },
  ],
  notes: [
    [176, 20, "trunk: learns the classes"],
    [172, 234, "random-label heads"],
  ],
};

const NARROW: Layout = {
  width: 340,
  height: 590,
  boxes: [
    box("plain", [8, 8, 160, 66], "training image,", "its class, and a", "random label"),
    ...[124, 204, 284].map((y, i) => box("trunk", [8, y, 120, 52], "layers", `tap ${i + 1}`)),
    ...[124, 204, 284].map((y) => box("head", [204, y + 4, 128, 44], "head")),
    box("plain", [8, 366, 134, 66], "class head", "train and test", "accuracy: the gap"),
    box("result", [178, 366, 154, 66], "learned complexity", "random labels", "it has learned"),
    box("plain", [8, 462, 324, 48], "after training: ridge regression", "on redrawn random labels"),
    box("result", [8, 538, 324, 46], "capacity", "random labels it can fit"),
  ],
  arrows: [
    {
      points: [
        [68, 74],
        [68, 122],
      ],
    },
    {
      points: [
        [68, 176],
        [68, 202],
      ],
    },
    {
      points: [
        [68, 256],
        [68, 282],
      ],
    },
    {
      points: [
        [68, 336],
        [68, 364],
      ],
    },
    ...[150, 230, 310].map((y) => ({
      points: [
        [128, y],
        [202, y],
      ] as const,
      bar: [166, y, true] as const,
    })),
    {
      points: [
        [268, 332],
        [268, 364],
      ],
    },
    {
      points: [
        [128, 326],
        [153, 326],
        [153, 460],
      ],
      bar: [153, 396, false],
    },
    {
      points: [
        [170, 510],
        [170, 536],
      ],
    },
  ],
  notes: [
    [8, 114, "trunk"],
    [204, 114, "random-label heads"],
  ],
};

const SAID =
  "A training image with its class and a random label enters the trunk, layers with three taps, and then the class head, which gives " +
  "train and test accuracy and their gap. At each tap a head reads the features and learns the random labels; its gradient does not " +
  "reach the trunk. What the last head has learned is the learned complexity. After training, ridge regression on the last tap's " +
  "features fits redrawn random labels: the capacity.";

function drawing({ width, height, boxes, arrows, notes }: Layout): VNode {
  const label = "How a network is measured";
  return h(
    "svg",
    {
      class: "plot diagram",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": label,
    },
    h("desc", {}, SAID),
    ...arrows.map(arrowMark),
    ...boxes.map(boxMark),
    ...notes.map(([x, y, text]) => h("text", { x, y, class: "note" }, text)),
  );
}

const LINE = 17;

function boxMark({ x, y, width, height, lines, look }: Box): VNode {
  const first = y + height / 2 - (LINE * (lines.length - 1)) / 2 + 4.5;
  const text = lines.map((line, i): Child =>
    h("tspan", { x: x + width / 2, y: first + LINE * i }, line),
  );
  return h(
    "g",
    { class: look },
    h("rect", { x, y, width, height, rx: 6 }),
    h("text", { "text-anchor": "middle" }, ...text),
  );
}

function arrowMark({ points, bar }: Arrow): VNode {
  const [x, y] = points.at(-1)!;
  const [beforeX, beforeY] = points.at(-2)!;
  const [alongX, alongY] = [Math.sign(x - beforeX), Math.sign(y - beforeY)];
  const wing = (side: number) =>
    `${x - 7 * alongX + 4 * side * alongY},${y - 7 * alongY + 4 * side * alongX}`;
  return h(
    "g",
    { class: "arrow" },
    h("polyline", { points: points.map((each) => each.join(",")).join(" ") }),
    h("polyline", { points: `${wing(1)} ${x},${y} ${wing(-1)}` }),
    bar === undefined ? null : barMark(bar),
  );
}

function barMark([x, y, isUpright]: NonNullable<Arrow["bar"]>): VNode {
  const [across, up] = isUpright ? [0, 8] : [8, 0];
  const ends = { x1: x - across, x2: x + across, y1: y - up, y2: y + up };
  return h("line", { class: "bar", ...ends });
}
