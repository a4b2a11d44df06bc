import { expect, test } from "vitest";
import {
  depthOverTrainingChart,
  depthOverTrainingFigure,
} from "../../site/charts/depth-over-training.ts";
import type { HeadCurvesRow } from "../../site/charts/head-curves.ts";
import { about, aHeadsRow, document, shown } from "./rows.ts";

const draw = (row: HeadCurvesRow) => depthOverTrainingChart(row, { document, width: 360 });
const shades = (picture: SVGElement) =>
  Array.from(picture.querySelectorAll("rect"), (cell) => Number(cell.getAttribute("fill-opacity")));

test("a band a tap, deepest on top, each epoch as dark as its share of the highest mean, without the suppressed draw", () => {
  const picture = draw(aHeadsRow());
  // hidden 2 ends at .4, hidden 1 at .2, the frozen trunk's heads at .4, each from 0 over .1
  const expected = [0, 0.25, 1, 0, 0.25, 0.5, 0, 0.25, 1];
  shades(picture).forEach((shade, i) => expect(shade).toBeCloseTo(expected[i]!, 12));
  expect(shades(picture)).toHaveLength(expected.length);
  const said = picture.querySelector("desc")!.textContent;
  expect(said).toBe(
    "hidden 2 goes from 0.0 to 40.0 %, hidden 1 goes from 0.0 to 20.0 %, (frozen trunk) goes from 0.0 to 40.0 %.",
  );
  const names = Array.from(picture.querySelectorAll("text"), (each) => each.textContent);
  expect(names.indexOf("hidden 2")).toBeLessThan(names.indexOf("hidden 1"));
});

test("draws of one tap are averaged, and what lies below chance has no shade", () => {
  const head = (draw: number, share: number) => ({
    ...{ tap: 1, n: 100, draw, regularized: false, frozen: false },
    epochs: [about(-0.005), about(share)],
  });
  const row = aHeadsRow({ taps: ["hidden 1"], heads: [head(0, 0.3), head(1, 0.5)] });
  const [first, last] = shades(draw(row));
  expect(first).toBe(0);
  expect(last).toBe(1);
  expect(shown(depthOverTrainingFigure(row)!).textContent).toContain("the full colour 40.0 %");
});

test("a long training is drawn in at most fifty columns, each a mean over its epochs", () => {
  const epochs = Array.from({ length: 120 }, (_, e) => about(e / 119));
  const head = { tap: 1, n: 100, draw: 0, regularized: false, frozen: false, epochs };
  const all = shades(draw(aHeadsRow({ taps: ["hidden 1"], heads: [head] })));
  expect(all).toHaveLength(40);
  expect(all[0]).toBeCloseTo(1 / 119, 12); // of epochs 0, 1 and 2
});

test("without a head of the headline's label space there is no such figure", () => {
  const heads = aHeadsRow().heads.filter(({ n }) => n === 2);
  expect(depthOverTrainingFigure(aHeadsRow({ heads }))).toBeNull();
});
