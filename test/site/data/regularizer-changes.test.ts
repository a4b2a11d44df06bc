import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import type { Change } from "../../../record/answers/documents.ts";
import { changeOf, boardSentences } from "../../../record/board/sentences.ts";
import { outcome } from "../../../record/summary.ts";
import type { Run } from "../../../record/run.ts";
import { drawn } from "../../../site/charts/drawn.ts";
import { regularizers } from "../../../site/components/charts/regularizers.ts";
import { loweringWords, verdictMatrix } from "../../../site/components/charts/verdict-matrix.ts";
import { byName, changeMatrix, lowering } from "../../../site/data/regularizer-changes.ts";
import { aLearnedRun, micro } from "../../world/runs.ts";
import { aRow, about, digest } from "./rows.ts";

const change = (
  quantity: Change["quantity"],
  verdict: Change["verdict"],
  mean: number,
): Change => ({
  ...{ quantity, verdict, p: verdict === "not distinguishable" ? 0.4 : 0.01 },
  difference: { mean, low: mean - 0.01, high: mean + 0.01, count: 5 },
});

const row = (number: number, arch: string, regs: string, learned: number) =>
  aRow({
    ...{ entry: digest(number), arch, regs },
    numbers: { ...aRow().numbers, learnedComplexity: about(learned), testAccuracy: about(0.4) },
  });

const rows = [
  row(1, "mlp-512", "none", 0.44),
  row(2, "mlp-512", "aug", 0.1),
  row(3, "mlp-512", "wd=0.1", 0.3),
  row(4, "mlp-512", "wd=0.02", 0.2),
  row(5, "mlp-64", "none", 0.5),
  row(6, "mlp-64", "aug", 0.45),
  row(7, "cnn-16", "aug", 0.45), // has no none beside it
];

const said = (entry: number, none: number, changes: Change[]) => ({
  ...{ arch: "", regs: "", entry: digest(entry), none: digest(none), text: "", changes },
});

const sentences = [
  said(2, 1, [
    change("learnedComplexity", "lower", -0.34),
    change("testAccuracy", "higher", 0.02),
    change("gap", "not distinguishable", 0.004),
  ]),
  said(4, 1, [
    change("learnedComplexity", "lower", -0.2),
    change("testAccuracy", "not distinguishable", 0),
  ]),
];

const matrix = changeMatrix(rows, sentences)!;
const page = (content: Parameters<typeof drawn>[0]) =>
  parseHTML(`<html><body>${drawn(content)}</body></html>`).document;

test("a cell is what the test says of its pair, and a difference of means where nothing was tested", () => {
  expect(matrix.architectures).toEqual(["mlp-64", "mlp-512"]);
  expect(matrix.rows.map(({ regs }) => regs)).toEqual(["wd=0.02", "wd=0.1", "aug"]);
  const aug = matrix.rows.at(-1)!.cells;
  expect(aug.get("mlp-512")).toMatchObject({ entry: digest(2), none: digest(1) });
  const { interval, ...tested } = aug.get("mlp-512")!.changes.learnedComplexity;
  expect(tested).toEqual({ verdict: "lower", difference: -0.34, p: 0.01 });
  expect(interval![0]).toBeCloseTo(-0.35, 12);
  const { verdict, difference, p } = aug.get("mlp-64")!.changes.learnedComplexity;
  expect([verdict, p]).toEqual(["untested", null]);
  expect(difference).toBeCloseTo(-0.05, 12);
});

test("what lowers complexity is sorted by what the test of its test accuracy says, and untested cells say nothing", () => {
  const { raising, undecided, costing } = lowering(matrix, "mlp-512");
  const named = [raising, undecided, costing].map((each) => each.map(({ regs }) => regs));
  expect(named).toEqual([["aug"], ["wd=0.02"], []]);
  expect(lowering(matrix, "mlp-64")).toEqual({ raising: [], undecided: [], costing: [] });
  const words = page(loweringWords(matrix)!).querySelector(".lowering")!.textContent;
  expect(words).toContain("with higher test accuracy: aug (+2.0)");
  expect(words).toContain("not distinguishable: wd=0.02 (0.0)");
  expect(words).not.toContain("mlp-64");
});

test("the matrix marks what was found, puts the untested in brackets, and leads to the comparison of a tested pair", () => {
  const table = page(verdictMatrix(matrix, "Changes"));
  const cells = (regs: string) => {
    const line = Array.from(table.querySelectorAll("tbody tr")).find(
      (each) => each.querySelector("th")!.textContent === regs,
    )!;
    return Array.from(line.querySelectorAll("td"), (cell) => cell.textContent);
  };
  expect(cells("aug").slice(0, 1)).toEqual(["untested: (−5.0)"]);
  expect(cells("aug").slice(4)).toEqual([
    "▼lower: −34.0",
    "untested: (0.0)",
    "·not distinguishable: +0.4",
    "▲higher: +2.0",
  ]);
  expect(cells("wd=0.1").slice(0, 4)).toEqual(["", "", "", ""]); // was not trained with mlp-64
  const links = Array.from(table.querySelectorAll("a"), (link) => link.getAttribute("href"));
  const pair = (entry: number) => `/compare/?entries=${digest(1)},${digest(entry)}`;
  expect(links).toEqual([pair(4), pair(2), "/method/#vocabulary"]);
  const reading = table.querySelector(".faint")!.textContent;
  expect(reading).toContain("over all 5 tests here");
  expect(reading).toContain("A board tests those configurations alone that came first");
});

test("the name of several regularizers breaks between them, and no strength breaks", () => {
  const several = { ...rows[3]!, regs: "rl=10:confusion,noise=0.2" };
  const both = changeMatrix([rows[0]!, several], [])!;
  const name = page(verdictMatrix(both, "Changes")).querySelector("tbody th")!.innerHTML;
  expect(name.replace(/<svg.*<\/svg>/, "")).toBe("rl=10:<wbr>confusion,<wbr>noise=0.2");
});

test("each change of a sentence is its comparison's, told of the regularized one", () => {
  const runs = (regs: string, share: number) =>
    [1, 2, 3, 4, 5].map((seed) => aLearnedRun("mlp-256", regs, seed, share)) as [Run];
  const outcomes = [outcome(runs("none", 0.8), micro), outcome(runs("aug", 0.2), micro)];
  const [sentence] = boardSentences(outcomes, micro);
  const changes = sentence!.comparisons.map(changeOf);
  const learned = changes.find(({ quantity }) => quantity === "learnedComplexity")!;
  expect(learned.verdict).toBe("lower");
  expect(learned.difference!.mean).toBeLessThan(0);
  expect(sentence!.text).toContain("lowers its learned complexity");
});

test("names are in the order of the numbers in them", () => {
  const names = ["wd=0.1", "wd=0.02", "rl=10:confusion", "rl=1", "rl=10", "wd=1e-3", "mlp-64"];
  expect(names.toSorted(byName)).toEqual([
    ...["mlp-64", "rl=1", "rl=10", "rl=10:confusion", "wd=1e-3", "wd=0.02", "wd=0.1"],
  ]);
});

test("a page begins with the verdicts, shows doses where there are two strengths, and folds arrows beneath them", () => {
  const whose = { prefix: "", protocol: "micro-1" } as const;
  const whole = page(regularizers(rows, sentences, whose)!);
  const titles = Array.from(whole.querySelectorAll("h2"), (each) => each.textContent);
  expect(titles[0]).toBe("What the tests say");
  const decay = whole.querySelector('[data-family="weight-decay"].chart')!;
  expect(decay.querySelectorAll(":scope > div figure .plot")).toHaveLength(4);
  expect(decay.querySelector("details.arrows")!.hasAttribute("open")).toBe(false);
  const links = Array.from(whole.querySelectorAll("nav a"), (each) => each.getAttribute("href"));
  for (const link of links) expect(whole.querySelector(`[id="${link!.slice(1)}"]`)).not.toBeNull();
  expect(regularizers([rows[0]!, rows.at(-1)!], [], whose)).toBeNull();
});
