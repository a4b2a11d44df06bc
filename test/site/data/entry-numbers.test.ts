import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import type { EntryDocument } from "../../../record/answers/documents.ts";
import { outcome } from "../../../record/summary.ts";
import type { Run } from "../../../record/run.ts";
import { widthSentence, widthText } from "../../../site/charts/capacity-words.ts";
import { drawn } from "../../../site/charts/drawn.ts";
import { entryFigures, entryLadder } from "../../../site/components/entry/entry-figures.ts";
import { entryNumbers } from "../../../site/components/entry/entry-numbers.ts";
import type { EntryModel } from "../../../site/data/entry-model.ts";
import { redrawTable, runTable } from "../../../site/data/run-rows.ts";
import { micro, aDivergedRun, aLearnedRun } from "../../world/runs.ts";
import { about, digest } from "./rows.ts";

function modelOf(runs: [Run, ...Run[]]): EntryModel {
  const { arch, regs, runs: metrics, summary } = outcome(runs, micro);
  const row = { arch, regs, entry: digest(1) };
  const entry = { protocol: { id: runs[0].protocol, name: micro.name }, row, summary };
  return {
    entry: entry as unknown as EntryDocument,
    runs: { panel: runs, fresh: [], metrics },
    envelope: null,
    proof: null,
    home: "",
  };
}

const model = (regs: string) =>
  modelOf([1, 2, 3, 4, 5].map((seed) => aLearnedRun("mlp-256", regs, seed, 0.8)) as [Run]);

const page = (component: Parameters<typeof drawn>[0]) =>
  parseHTML(`<html><body>${drawn(component)}</body></html>`).document;

/** Name, meaning and number of each line. */
function linesOf(shown: EntryModel): Map<string, { meaning: string; number: string }> {
  const rows = page(entryNumbers(shown, entryLadder(shown))).querySelectorAll("tbody tr");
  return new Map(
    Array.from(rows).flatMap((row) => {
      const meaning = row.querySelector(".meaning")?.textContent ?? null;
      if (meaning === null) return [];
      const title = row.querySelector("th")!.textContent.slice(0, -meaning.length);
      return [[title, { meaning, number: row.querySelector("td")!.textContent }]];
    }),
  );
}

const shareOf = (text: string) => Number(text.replace("−", "-").split(" ")[0]) / 100;

test("each number is shown minus its own control: heads minus heads, refits minus refits", () => {
  const shown = model("none");
  const lines = linesOf(shown);
  const known = (count: number) => (count / 2500 - 0.01) / 0.99;
  const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const runs = shown.runs!.panel;
  const last = (each: { tap: number; n: number }) => each.tap === 2 && each.n === 100;
  const learned = mean(
    runs.map((run) => mean(run.heads!.filter(last).map(({ final }) => known(final)))),
  );
  const frozen = mean(runs.map((run) => mean(run.frozenHeads!.map(({ final }) => known(final)))));
  const refit = (kind: "refit" | "frozen") =>
    mean(
      runs.map(({ controls }) => mean(controls![kind].find(last)!.redraws.slice(0, 8).map(known))),
    );
  const shares = (...titles: string[]) => titles.map((title) => shareOf(lines.get(title)!.number));
  const expected = [learned, frozen, learned - frozen, refit("refit"), refit("frozen")];
  const found = shares(
    "Learned complexity",
    "Heads on the frozen trunk",
    "Learned complexity minus frozen",
    "Capacity",
    "Frozen trunk's capacity",
  );
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 3);
  const [difference] = shares("Capacity minus frozen");
  expect(difference).toBeCloseTo(refit("refit") - refit("frozen"), 3);
  expect([...lines.keys()].join()).not.toMatch(/Complexity minus frozen trunk/);
});

test("what no count shows is marked as declared", () => {
  const titles = [...linesOf(model("none")).keys()].filter((title) => title.includes("declared"));
  expect(titles).toEqual([
    "Memorized bits per sample · declared",
    "Effective rank · declared",
    "Test minus train loss · declared",
    "Spectrum · declared",
    "Leverages · declared",
    "Capacity minus leverages · declared",
  ]);
});

describe("selectivity", () => {
  test("is a negative control of an entry without rl=, which no result is rejected for", () => {
    const lines = linesOf(model("none"));
    const { meaning } = lines.get("Selectivity, a negative control")!;
    expect(meaning).toMatch(/p = \d?\.\d{3}/);
    expect(meaning).toContain("by chance, and no result is rejected for it");
    expect([...lines.keys()].join()).not.toContain("suppresses");
  });

  test("of an rl= entry is claimed, with the refit of the suppressed labelling apart from capacity", () => {
    const runs = model("rl=10").runs!.panel.map((run) => toldOf(run, 2, 900));
    const lines = linesOf(modelOf(runs as [Run]));
    const told = lines.get("Refit of the labelling that rl= suppresses")!;
    expect(shareOf(told.number)).toBeCloseTo((900 / 2500 - 0.01) / 0.99, 3);
    expect(told.meaning).toContain("no part of the capacity");
    const { meaning, number } = lines.get("Selectivity")!;
    expect(shareOf(number)).toBeLessThan(-0.1);
    // five runs, each with the lowest of 100 ranks: p = 2 / 100^5
    expect(meaning).toContain("p < .001");
    expect(meaning).toContain("refits get fewer of its labels right than of others");
    const unmoved = linesOf(model("rl=10")).get("Selectivity")!;
    expect(unmoved.meaning).toContain("No difference from labels that rl= did not act on is shown");
  });

  test("is shown at the tap that rl= acts on as well", () => {
    const lines = linesOf(model("rl=10@1"));
    expect([...lines.keys()].filter((title) => title.includes("electivity"))).toEqual([
      "Selectivity at tap 1",
      "Selectivity at the last tap",
    ]);
  });
});

/** The run with another count of the told labelling at one tap. */
function toldOf(run: Run, tap: number, told: number): Run {
  const refit = run.controls!.refit.map((each) =>
    each.tap === tap && each.n === 100 ? { ...each, told } : each,
  );
  return { ...run, controls: { ...run.controls!, refit } };
}

test("an equivalent width is a number, a bound, or unknown, and says where it can be compared", () => {
  const width = (mean: number, bound: "at most" | "at least" | "unknown" | null) => ({
    equivalentWidth: about(mean, 4),
    equivalentWidthBound: bound,
  });
  const said = (mean: number, bound: Parameters<typeof width>[1]) =>
    widthSentence(width(mean, bound), 100, 2500);
  expect(said(155, null)).toBe(
    "At the last tap it separates labels like a shapeless cloud of width 155 ± 4. Comparable at n = 100 and m = 2,500 only.",
  );
  expect(said(0, "at most")).toMatch(/of width at most 0\. A bound, because/);
  expect(said(2482.3, "at least")).toContain("of width at least 2,482.");
  expect(said(900, "unknown")).toContain("its equivalent width is unknown");
  expect(widthText({ equivalentWidth: null, equivalentWidthBound: null })).toBe("–");
  expect(
    widthSentence({ equivalentWidth: null, equivalentWidthBound: null }, 100, null),
  ).toBeNull();
});

test("the ladder has every rung of its two lanes, with numbers in text", () => {
  const ladder = page(entryLadder(model("none"))!);
  const texts = Array.from(ladder.querySelectorAll(".wide text"), ({ textContent }) => textContent);
  for (const text of [
    ...["What heads learn", "What the features allow", "frozen trunk", "network"],
    ...["null: counts", "null: spectrum", "null: leverages"],
  ])
    expect(texts).toContain(text);
  expect(texts.join()).not.toContain("suppresses");
  const suppressed = page(entryLadder(model("rl=10"))!);
  expect(suppressed.querySelector("desc")!.textContent).toContain(
    "The labelling that rl= suppresses: its head",
  );
});

test("the counts that capacity and selectivity follow from are on the page, redraw by redraw", () => {
  const shown = model("none").runs!;
  const { rows } = redrawTable(shown, { headline: 100, measures: micro.measures });
  expect(rows).toHaveLength(2 * 5);
  const [, , told, first, others] = rows[0]!;
  const { redraws, told: counted } = shown.panel[0]!.controls!.refit.findLast(
    ({ n }) => n === 100,
  )!;
  const numbers = (text: string) => text.split(", ").map((each) => Number(each.replace(",", "")));
  expect(numbers(`${first}, ${others}`)).toEqual(redraws);
  expect(numbers(first!)).toHaveLength(8);
  expect(numbers(told!)).toEqual([counted]);
  const { columns, rows: runRows } = runTable(shown, 100);
  expect(runRows.every((row) => row.length === columns.length)).toBe(true);
});

test("an entry of which a run diverged has no numbers, and says why", () => {
  const diverged = aDivergedRun({ arch: "mlp-256", regs: "none", seed: 2 });
  const shown = modelOf([aLearnedRun("mlp-256", "none", 1, 0.8), diverged]);
  const section = page(entryNumbers(shown, entryLadder(shown)));
  expect(section.querySelector(".notice")!.textContent).toContain("1 of 2 diverged");
  expect(entryLadder(shown)).toBeNull();
  expect(linesOf(shown).get("Capacity")!.number).toBe("–");
  expect(drawn(entryFigures(shown))).not.toMatch(/NaN|undefined/);
  expect(redrawTable(shown.runs!, { headline: 100, measures: micro.measures }).rows).toHaveLength(
    2,
  );
});
