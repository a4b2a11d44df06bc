import { expect, test } from "vitest";
import { smallCurves, smallDepth } from "../../site/charts/training-and-depth.ts";
import { chosenConfigurations, MOST_CELLS } from "../../site/data/training-cells.ts";
import { training } from "../../site/components/charts/training.ts";
import { aRow, digest } from "../site/data/rows.ts";
import type { EntrySeries } from "../../record/answers/documents.ts";
import { document, shown } from "./rows.ts";

const canvas = { document, width: 168 };
const rising = (top: number) => [0.1, 0.5, 1].map((share) => top * share);
const tap = (number: number, frozenHeads: number | null) => ({
  ...{ name: `stage ${number}`, heads: number / 20, frozenHeads },
  ...{ refits: 0.1 + number / 10, frozenRefits: number / 10 },
});
const aSeries: EntrySeries = {
  ...{ completed: 5, diverged: 0, epochs: 30, headline: 100 },
  ...{ train: rising(0.9), testAccuracy: 0.4, heads: rising(0.4), frozenHeads: rising(0.55) },
  taps: [tap(1, null), tap(2, null), tap(3, 0.12)],
};
const named = (changes: Partial<EntrySeries> = {}) => ({
  ...{ name: "cnn-8 none", series: { ...aSeries, ...changes } },
});

test("small curves are those of the class task, of the headline's heads and of the frozen trunk, and no other", () => {
  const picture = smallCurves(named(), canvas);
  const strokes = Array.from(picture.querySelectorAll("path[fill=none], g[fill=none] path"));
  expect(strokes.length).toBeGreaterThanOrEqual(3);
  expect(picture.querySelectorAll("[stroke-dasharray]")).toHaveLength(1);
  expect(picture.querySelector("desc")!.textContent).toBe(
    "At the last epoch: n = 100 40.0 %, frozen trunk 55.0 %, class accuracy 90.0 %.",
  );
});

test("small depth has heads and refits at each tap, with the frozen trunk's beside both", () => {
  const picture = smallDepth(named(), canvas);
  expect(picture.querySelector("desc")!.textContent).toBe(
    "Heads: stage 1 5.0 %, stage 2 10.0 %, stage 3 15.0 %. Refits: stage 1 20.0 %, stage 2 30.0 %, stage 3 40.0 %. " +
      "Frozen trunk's refits: stage 1 10.0 %, stage 2 20.0 %, stage 3 30.0 %.",
  );
  expect(picture.querySelectorAll("circle")).toHaveLength(6);
  const nothing = { heads: null, frozenHeads: null, refits: null, frozenRefits: null };
  const holes = smallDepth(named({ taps: [{ name: "only", ...nothing }] }), canvas);
  expect(holes.outerHTML).not.toMatch(/NaN/);
});

test("of too many configurations each architecture keeps as many as any other, and none first", () => {
  const rows = Array.from({ length: 100 }, (_, i) =>
    aRow({
      ...{ entry: digest(i + 1), arch: i < 80 ? "mlp-512" : "cnn-16" },
      regs: i === 79 || i === 99 ? "none" : `wd=${i + 1}`,
    }),
  );
  const { rows: chosen, left } = chosenConfigurations(rows);
  expect([chosen.length, left]).toEqual([MOST_CELLS, 100 - MOST_CELLS]);
  expect(chosen.filter(({ arch }) => arch === "cnn-16")).toHaveLength(20);
  expect(chosen.filter(({ regs }) => regs === "none")).toHaveLength(2);
  const again = aRow({ entry: digest(500), counted: false, representedBy: digest(1) });
  expect(chosenConfigurations([again]).rows).toEqual([]);
});

test("cells stand by architecture and family, each leads to its entry, and what is left out is counted", () => {
  const cell = (number: number, arch: string, regs: string) => ({
    ...{ entry: digest(number), arch, regs, href: `/entries/${digest(number)}/` },
    series: { ...aSeries, taps: [] },
  });
  const cells = [cell(1, "mlp-64", "aug"), cell(2, "mlp-64", "none"), cell(3, "cnn-8", "wd=0.1")];
  const page = shown(training([...cells, { ...cell(4, "mlp-64", "ls=0.1"), series: null }], 7, ""));
  const links = Array.from(page.querySelectorAll(".panel a"), (link) => link.textContent);
  expect(links).toEqual(["cnn-8 wd=0.1", "mlp-64 none", "mlp-64 ls=0.1", "mlp-64 aug"]);
  expect(page.querySelectorAll(".cells .plot")).toHaveLength(3);
  expect(page.querySelectorAll(".late")).toHaveLength(1);
  expect(page.textContent).toContain("7 more configurations");
});
