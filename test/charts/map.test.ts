import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { complexityGapChart } from "../../site/charts/complexity-gap.ts";
import {
  type ComplexityGapRow,
  type MapScale,
  placeOnMap,
  placedOn,
  shareOfNull,
} from "../../site/charts/map-points.ts";
import { nodeText } from "../../site/charts/plot.ts";
import { aMapRow, about, document } from "./rows.ts";

const canvas = { document, width: 800 };
const mapRows = [aMapRow(), aMapRow({ regs: "aug", arch: "cnn-8", learnedComplexity: about(0.1) })];
const texts = (chart: Element) => Array.from(chart.querySelectorAll("text"), (t) => t.textContent);

describe("a map's names", () => {
  const named = (rows: ComplexityGapRow[], width = 800) =>
    texts(complexityGapChart(rows, { document, width })).filter((text) =>
      /[a-z]-?\d|none/.test(text),
    );

  test("have the architecture on every width where there are several", () => {
    for (const width of [800, 340])
      expect(named(mapRows, width)).toEqual(expect.arrayContaining(["mlp-256 none", "cnn-8 aug"]));
  });

  test("are written once where several entries are of one configuration", () => {
    const again = aMapRow({ gap: about(0.4) });
    expect(named([aMapRow(), again]).filter((text) => text === "none")).toEqual(["none"]);
  });

  test("stand apart with a line to their points where points crowd, all of them", () => {
    const crowd = Array.from({ length: 8 }, (_, i) =>
      aMapRow({ regs: `wd=0.00${i + 1}`, learnedComplexity: about(0.44 + i / 5000) }),
    );
    const chart = complexityGapChart(
      [...crowd, aMapRow({ learnedComplexity: about(0.1) })],
      canvas,
    );
    const names = texts(chart).filter((text) => text.startsWith("wd="));
    expect(names).toHaveLength(8);
    expect(chart.querySelectorAll("g[stroke='var(--faint)'] path").length).toBeGreaterThan(0);
  });
});

test("a single point's axes reach over twenty points, so that a little is not shown as much", () => {
  const chart = complexityGapChart([aMapRow()], canvas);
  const { x, y } = JSON.parse(chart.getAttribute("data-scale")!) as MapScale;
  expect(x[1] - x[0]).toBeCloseTo(0.2);
  expect(y[1] - y[0]).toBeCloseTo(0.2);
});

describe("a map of powers", () => {
  const rows = [0.004, 0.04, 0.4].map((mean, i) =>
    aMapRow({ learnedComplexity: about(mean, mean * 1.5), regs: `rl=${i + 1}` }),
  );

  test("puts tenfold numbers at equal distances, and one at zero nowhere", () => {
    const zero = aMapRow({ learnedComplexity: about(0) });
    const chart = complexityGapChart([...rows, zero], canvas, { isLog: true });
    const across = Array.from(chart.querySelectorAll("path[fill^='var(--f']"), (mark) =>
      Number(/translate\(([\d.]+)/.exec(mark.getAttribute("transform")!)![1]),
    );
    expect(across).toHaveLength(3);
    expect(across[2]! - across[1]!).toBeCloseTo(across[1]! - across[0]!, 1);
    expect(chart.outerHTML).not.toMatch(/NaN|Infinity/);
    expect(texts(chart)).toEqual(expect.arrayContaining(["1", "10"]));
  });

  test("and a plain one are found again where they were drawn, point by point", () => {
    for (const isLog of [true, false]) {
      const chart = complexityGapChart(rows, canvas, { isLog });
      const [, , width, height] = chart.getAttribute("viewBox")!.split(" ").map(Number);
      const scale = JSON.parse(chart.getAttribute("data-scale")!) as MapScale;
      for (const [i, mark] of [...chart.querySelectorAll("path[fill^='var(--f']")].entries()) {
        const found = placeOnMap(
          scale,
          { width: width!, height: height! },
          placedOn("learnedComplexity", rows[i]!)!,
        );
        const [, x, y] = /translate\(([\d.]+),([\d.]+)\)/.exec(mark.getAttribute("transform")!)!;
        expect(found.x).toBeCloseTo(Number(x), 4);
        expect(found.y).toBeCloseTo(Number(y), 4);
      }
    }
  });
});

describe("a map of very many points", () => {
  const rows = Array.from({ length: 1000 }, (_, i) =>
    aMapRow({
      arch: ["mlp-64", "cnn-8", "vit-ti-4"][i % 3]!,
      regs: i < 3 ? "none" : `wd=0.${i}`,
      learnedComplexity: about(((i * 7919) % 1000) / 1000),
      gap: about(((i * 6101) % 1000) / 1000),
      href: `#e-${i}`,
    }),
  );
  const chart = complexityGapChart(rows, canvas);

  test("draws every one, of a look as one path, and one alone as a link", () => {
    const subpaths = Array.from(
      chart.querySelectorAll(".cloud path"),
      (path) => path.getAttribute("d")!.match(/M/g)!.length,
    );
    expect(subpaths).toHaveLength(6); // three shapes, in two colours each
    expect(subpaths.reduce((sum, some) => sum + some, 0)).toBe(1000);
    expect(chart.querySelectorAll("a").length).toBe(1);
  });

  test("names the networks without a regularizer, and costs a page little", () => {
    expect(
      texts(chart)
        .filter((text) => /none|wd/.test(text))
        .toSorted(),
    ).toEqual([...["cnn-8 none", "mlp-64 none", "vit-ti-4 none"]]);
    expect(gzipSync(nodeText(chart)).length).toBeLessThan(20_000);
  });
});

test("a map takes one stop of the Tab key", () => {
  const rows = mapRows.map((row, i) => ({ ...row, href: `#${i}` }));
  const outlined = [aMapRow({ regs: "rl=1", href: "#other" })];
  const chart = complexityGapChart(rows, canvas, { outlined });
  const stops = Array.from(chart.querySelectorAll("a"), (link) => link.getAttribute("tabindex"));
  expect(stops.toSorted()).toEqual(["-1", "-1", "0"]);
  expect(chart.querySelector(".outlined a")!.getAttribute("tabindex")).toBe("-1");
});

test("a share of the null is of the null's mean, with its interval, and none where the null is at chance", () => {
  const share = shareOfNull(about(0.6, 0.03), about(0.8, null))!;
  expect([share.mean, share.low, share.high].map((value) => value!.toFixed(4))).toEqual([
    ...["0.7500", "0.7125", "0.7875"],
  ]);
  expect(shareOfNull(about(0.6), about(0, null))).toBeNull();
  expect(shareOfNull(null, about(0.8))).toBeNull();
});
