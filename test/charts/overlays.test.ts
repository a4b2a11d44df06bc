import { expect, test } from "vitest";
import { type OverlayRow, overlayChart, overlaysFigure } from "../../site/charts/overlays.ts";
import { comparePairs } from "../../site/data/compare-pairs.ts";
import { offeredPairs } from "../../site/components/compare/offered-pairs.ts";
import { aRow, digest } from "../site/data/rows.ts";
import { aCurvesRow, aDepthRow, document, shown } from "./rows.ts";

const row = (letter: string, taps: string[]): OverlayRow => {
  const first = <T>(values: readonly T[]) => values.slice(0, taps.length);
  const { trained, counts, ...rest } = aDepthRow({ taps });
  const depths = trained.map((each) => ({
    ...each,
    heads: first(each.heads),
    frozenHeads: each.frozenHeads.slice(-taps.length),
    byTap: first(each.byTap),
    frozen: first(each.frozen),
  }));
  return {
    ...{ letter, arch: "cnn-8", regs: "none", curves: aCurvesRow() },
    depth: { ...rest, trained: depths, counts: first(counts) },
  };
};

const three = ["stage 1", "stage 2", "stage 3"];
const draw = (rows: OverlayRow[], overlay: Parameters<typeof overlayChart>[1]) =>
  overlayChart(rows, overlay, { document, width: 360 });
const saidOf = (picture: SVGElement) => picture.querySelector("desc")!.textContent;

test("an entry is a line in each picture, its frozen trunk a dashed one, with its letter at the end", () => {
  const rows = [row("A", three), row("B", three)];
  const labels = draw(rows, "labels");
  expect(saidOf(labels)).toBe("A from 4.0 to 40.0 %, B from 4.0 to 40.0 %.");
  expect(labels.querySelectorAll("[stroke-dasharray]")).toHaveLength(2);
  expect(draw(rows, "classes").querySelectorAll("[stroke-dasharray]")).toHaveLength(0);
  expect(saidOf(draw(rows, "heads"))).toBe("A from 5.0 to 15.0 %, B from 5.0 to 15.0 %.");
  const refits = draw(rows, "refits");
  expect(saidOf(refits)).toBe("A from 20.0 to 40.0 %, B from 20.0 to 40.0 %.");
  expect(refits.textContent).toContain("stage 2");
});

test("networks with different taps are laid over each other by their share of the depth", () => {
  const picture = draw([row("A", three), row("B", ["hidden 1", "hidden 2"])], "refits");
  expect(picture.textContent).toContain("last tap");
  expect(picture.textContent).not.toContain("stage 2");
  expect(picture.outerHTML).not.toMatch(/NaN/);
});

test("an entry without runs has no line, and without any there is no figure", () => {
  const nothing = { ...row("B", three), curves: null, depth: null };
  expect(saidOf(draw([row("A", three), nothing], "labels"))).toBe("A from 4.0 to 40.0 %.");
  expect(overlaysFigure([nothing])).toBeNull();
  const figure = shown(overlaysFigure([row("A", three), nothing])!);
  expect(figure.querySelectorAll(".plot")).toHaveLength(4);
  expect(figure.querySelector(".legend")!.textContent).toContain("B: cnn-8 none");
});

test("pairs to begin with are each regularizer beside none, of architectures that have both", () => {
  const entry = (number: number, arch: string, regs: string) =>
    aRow({ entry: digest(number), arch, regs });
  const rows = [
    ...[entry(1, "mlp-64", "none"), entry(2, "mlp-64", "wd=0.1"), entry(3, "mlp-64", "wd=0.02")],
    entry(4, "cnn-8", "aug"),
  ];
  const pairs = comparePairs(rows);
  expect(pairs).toEqual([
    {
      ...{ arch: "mlp-64", none: digest(1), left: 0 },
      others: [
        { regs: "wd=0.02", entry: digest(3) },
        { regs: "wd=0.1", entry: digest(2) },
      ],
    },
  ]);
  const offered = shown(offeredPairs([{ title: "micro-1", pairs }])!);
  expect(offered.querySelector("a")!.getAttribute("href")).toBe(
    `/compare/?entries=${digest(1)},${digest(3)}`,
  );
  expect(offeredPairs([{ title: "micro-1", pairs: [] }])).toBeNull();
});
