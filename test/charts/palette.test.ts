import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FAMILIES, architectureSymbols, regularizerFamily } from "../../site/charts/families.ts";
import { mapLegend } from "../../site/charts/complexity-gap.ts";

type Triple = [number, number, number];

const css = readFileSync(new URL("../../site/charts/charts.css", import.meta.url), "utf8");
const [light, dark] = [0, 1].map(variables);

/** @param side of `light-dark(a, b)`. */
function variables(side: number): Record<string, Triple> {
  const found = css.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g);
  return Object.fromEntries(
    Array.from(found, ([, name, ...hexes]): [string, Triple] => [name!, linear(hexes[side]!)]),
  );
}

/** Linear-light red, green and blue. */
function linear(hex: string): Triple {
  return [1, 3, 5].map((at) => {
    const share = parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Triple;
}

/** WCAG 2.2 contrast ratio. */
function contrast(a: Triple, b: Triple): number {
  const [x, y] = [a, b].map(([r, g, c]) => 0.2126 * r + 0.7152 * g + 0.0722 * c + 0.05);
  return Math.max(x! / y!, y! / x!);
}

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear light. */
const VISION: Record<string, Triple[]> = {
  common: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Oklab times 100 (Ottosson 2020): a distance of 2 is just noticeable. */
function seen(color: Triple, matrix: Triple[]): Triple {
  const dot = (row: Triple, v: Triple) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2];
  const rgb = matrix.map((row) => Math.min(1, Math.max(0, dot(row, color)))) as Triple;
  const lms = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
  ].map((row) => Math.cbrt(dot(row as Triple, rgb))) as Triple;
  return [
    [0.2104542553, 0.793617785, -0.0040720468],
    [1.9779984951, -2.428592205, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.808675766],
  ].map((row) => 100 * dot(row as Triple, lms)) as Triple;
}

describe.each([
  ["light", light!],
  ["dark", dark!],
])("the %s palette", (_, palette) => {
  const colors = Object.keys(FAMILIES).map((family) => palette[`family-${family}`]!);

  test("stands out from the paper: 3 to 1 for marks, 4.5 to 1 for text", () => {
    for (const color of colors) expect(contrast(color, palette.paper!)).toBeGreaterThanOrEqual(3);
    for (const name of ["ink", "faint", "accent"])
      expect(contrast(palette[name]!, palette.paper!)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(Object.entries(VISION))("keeps families apart with %s", (_name, matrix) => {
    const points = colors.map((color) => seen(color, matrix));
    for (const [i, a] of points.entries())
      for (const b of points.slice(i + 1))
        expect(Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])).toBeGreaterThan(9);
  });
});

test("a regularizer belongs to one family, a mixture to several", () => {
  const families = [
    "none",
    "wd=0.005",
    "aug,cutout=8",
    "rl=10:confusion@1",
    "wd=0.005,aug",
    "recipe",
  ];
  expect(families.map(regularizerFamily)).toEqual([
    "none",
    "weight-decay",
    "augmentation",
    "random-label",
    "several",
    "several",
  ]);
});

test("architectures keep their shapes, in whatever order a page meets them", () => {
  const symbols = architectureSymbols(["mlp-256", "cnn-8", "mlp-256", "cnn-16"]);
  expect(symbols.size).toBe(3);
  expect(new Set(symbols.values()).size).toBe(3);
  const other = architectureSymbols(["cnn-16", "mlp-256", "cnn-8"]);
  expect(Object.fromEntries(other)).toEqual(Object.fromEntries(symbols));
});

test("a filter leaves an architecture its shape in the legend", () => {
  const rows = ["mlp-64", "cnn-8", "vit-ti-4"].map((arch) => ({ arch, regs: "none" }));
  const sign = (legend: ReturnType<typeof mapLegend>) =>
    legend.find(({ text }) => text === "vit-ti-4")!.sign;
  const architectures = rows.map(({ arch }) => arch);
  expect(sign(mapLegend(rows.slice(2), architectures))).toEqual(sign(mapLegend(rows)));
  expect(mapLegend(rows.slice(2), architectures).map(({ text }) => text)).toEqual([
    "vit-ti-4",
    "none",
  ]);
});
