import { expect, test } from "vitest";
import { resultTable } from "../../harness/cli/results.ts";
import { formatWidth } from "../../harness/format.ts";
import { type Run, type RefitCounts } from "../../record/run.ts";
import { outcome } from "../../record/summary.ts";
import { aDivergedRun, aLearnedRun, micro } from "../world/runs.ts";

const summarized = (...runs: [Run, ...Run[]]) => ({ ...outcome(runs, micro), unsubmittable: [] });

/** The run with these counts in every redraw at the last tap and the headline n. */
function redrawn(run: Run, correct: number): Run {
  const change = (refit: RefitCounts): RefitCounts =>
    refit.tap === 2 && refit.n === 100
      ? { ...refit, redraws: refit.redraws.map(() => correct) }
      : refit;
  return { ...run, controls: { ...run.controls!, refit: run.controls!.refit.map(change) } };
}

/** Cells by their titles; columns are two spaces or more apart. */
function cellsOf(table: string): Map<string, string> {
  const [titles, , row] = table.split("\n").map((line) => line.trim().split(/ {2,}/));
  return new Map(titles!.map((title, i) => [title, row![i]!]));
}

test("a table of results has learned complexity, capacity and equivalent width side by side", () => {
  const runs = [1, 2].map((seed) => redrawn(aLearnedRun("mlp-256", "none", seed, 0.8), 1925));
  const cells = cellsOf(resultTable([summarized(runs[0]!, runs[1]!)]));
  expect([...cells.keys()].slice(-3)).toEqual([
    "learned complexity",
    "capacity",
    "equivalent width",
  ]);
  expect(cells.get("learned complexity")).toMatch(/^5\d\.\d ± <?\d+\.\d %$/);
  expect(cells.get("capacity")).toMatch(/^76\.8 ± <?\d\.\d %$/); // (1925/2500 - 1/100) / (1 - 1/100)
  // D with accuracy .77 at n = 100, m = 2,500: simulated clouds of width 256 give .770
  expect(cells.get("equivalent width")).toMatch(/^256 ± \d+$/);
});

test("a width outside those of clouds is shown as a bound, and bounds of both kinds as unknown", () => {
  const low = redrawn(aLearnedRun("mlp-256", "none", 1, 0.8), 20);
  const high = redrawn(aLearnedRun("mlp-256", "none", 2, 0.8), 2500);
  const widthOf = (...runs: [Run, ...Run[]]) => formatWidth(outcome(runs, micro).summary);
  expect(widthOf(low)).toBe("at most 0");
  expect(widthOf(high)).toMatch(/^at least \d{3,4}$/);
  expect(widthOf(low, high)).toBe("unknown");
});

test("of a configuration with a diverged run there are no means, and the row says how many diverged", () => {
  const diverged = aDivergedRun({ arch: "mlp-256", regs: "none", seed: 2 });
  const cells = cellsOf(
    resultTable([summarized(aLearnedRun("mlp-256", "none", 1, 0.8), diverged)]),
  );
  expect(cells.get("train accuracy")).toBe("1 of 2 diverged");
  expect([cells.get("capacity"), cells.get("equivalent width")]).toEqual(["-", "-"]);
});
