import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { CLAIMS } from "../../record/replication/claims.ts";
import { replicationPlan } from "../../record/replication/plan.ts";
import { findingsOf } from "../../record/replication/verdicts.ts";
import { type Change, complexityChangesChart } from "../../site/charts/complexity-changes.ts";
import { drawn } from "../../site/charts/drawn.ts";
import { type Forest, forestChart } from "../../site/charts/verdict-forest.ts";
import {
  chosenWords,
  isEstimated,
  tallyWords,
  testWords,
  verdictWords,
  wrongSteps,
} from "../../site/charts/verdict-words.ts";
import { claimSection } from "../../site/components/findings/claim-section.ts";
import { explanation } from "../../site/components/findings/explanation.ts";
import { overview, standing } from "../../site/components/findings/overview.ts";
import { cellOf, diverged, withTest } from "../world/reference-runs.ts";
import { about, document } from "./rows.ts";

const row = (network: string, status: Forest["rows"][number]["status"], mean: number) => ({
  ...{ network, status, mean, low: mean - 0.01, high: mean + 0.01, words: status },
  ...{ seeds: [mean - 0.005, mean + 0.005], beside: about(0.02) },
});
const FOREST: Forest = {
  ...{ title: "A contrast", caption: "", label: "points", margin: 0.02, isShare: true },
  beside: "a control",
  rows: [
    row("mlp-256", "holds", 0.05),
    row("cnn-16", "fails", -0.03),
    row("vit", "inconclusive", 0),
  ],
};
const canvas = { document, width: 360 };

test("a forest has a mark and a bar for each network, a stroke for each seed, and the margin", () => {
  const chart = forestChart(FOREST, canvas);
  const marks = (selector: string) => chart.querySelectorAll(selector).length;
  expect(chart.outerHTML).not.toMatch(/NaN|Infinity|undefined/);
  for (const color of ["--accent", "--family-random-label", "--ink"])
    expect([color, marks(`path[fill='var(${color})']`)]).toEqual([color, 1]);
  expect(marks("line[stroke-dasharray='3 4'], [stroke-dasharray='3 4'] line")).toBe(1);
  expect(marks("path[fill='var(--paper)'], [fill='var(--paper)'] path")).toBe(3);
  expect(chart.querySelector("desc")!.textContent).toContain("cnn-16: fails.");
  const plain = forestChart({ ...FOREST, margin: 0, beside: null, rows: [] }, canvas);
  expect(plain.outerHTML).not.toMatch(/NaN|3 4/);
});

test("changes of complexity and gap have a point each, on axes that have zero in them", () => {
  const change = (network: string, regs: string, by: number): Change => ({
    ...{ network, regs },
    changes: {
      ...{ learnedComplexity: about(-by), capacity: about(-by / 2) },
      ...{ gap: about(by / 10), testAccuracy: about(0) },
    },
  });
  const changes = [change("mlp-256", "rl=10", 0.3), change("cnn-16", "wd=0.02", 0.1)];
  const chart = complexityChangesChart(changes, "learnedComplexity", canvas);
  expect(chart.outerHTML).not.toMatch(/NaN|Infinity|undefined/);
  expect(chart.querySelectorAll("path[fill^='var(--family']").length).toBe(2);
  expect(chart.querySelector("desc")!.textContent).toContain("mlp-256 rl=10");
  const labels = Array.from(chart.querySelectorAll("text"), (each) => each.textContent);
  expect(labels).toContain("0");
});

/** T11 of mlp-128 holds, of mlp-256 a run diverged, of mlp-512 one is missing; nothing else was run. */
const WITHOUT = [3000, 3010, 3020, 3030, 3040, 3000, 3010, 3020, 3030, 3040];
const WITH = [3300, 3312, 3318, 3331, 3340, 3299, 3310, 3322, 3330, 3339];
const ENTRY = "cd".repeat(32);
const findings = await findingsOf({
  runs: ["mlp-128", "mlp-256", "mlp-512"].flatMap((network) => [
    ...cellOf({ network, regs: "noise=0.4", entry: ENTRY }, WITHOUT.map(withTest)),
    ...cellOf({ network, regs: "rl=10,noise=0.4" }, [
      ...(network === "mlp-512" ? [] : [network === "mlp-256" ? diverged : withTest(WITH[9]!)]),
      ...WITH.slice(0, 9).map(withTest),
    ]),
  ]),
  reproductions: [],
});
const claim = (id: string) => CLAIMS.find((each) => each.id === id)!;
const verdicts = (id: string) => findings.claims.find((each) => each.id === id)!.verdicts;
const section = (id: string, hasPage = true) => {
  const drawnSection = drawn(claimSection(claim(id), findings, () => hasPage));
  return parseHTML(`<html><body>${drawnSection}</body></html>`).document;
};

test("verdicts in words, with what is missing or broken", () => {
  expect(verdicts("T11").map(verdictWords)).toEqual([
    "holds",
    "inconclusive (1 of 20 runs diverged)",
    "not yet run (19 of 20 runs)",
    "not yet run (0 of 20 runs)",
  ]);
  expect(tallyWords(verdicts("T11"))).toBe(
    "holds for 1, inconclusive for 1, not yet run for 2 of 4 networks",
  );
  const [first] = verdicts("T11");
  expect(verdictWords({ ...first!, differing: [2, 5], status: "fails" })).toBe("fails (seed 2, 5)");
  expect(testWords("T11", { ...first!.test!, low: null, high: null })).toBe("3.00, no interval");
  expect(testWords("Q1", { ...first!.test!, mean: 0.5, low: 0.25, high: 0.75 })).toBe(
    "0.50 [0.25, 0.75]",
  );
  expect(chosenWords({ ...first!, chosen: [{ odd: "rl=1", even: "rl=1" }] })).toEqual([
    "rl=1 at every seed",
  ]);
  const levels = [
    { name: "none", value: about(0.4), step: null },
    { name: "ls=0.1", value: about(0.45), step: about(-0.05) },
    { name: "ls=0.3", value: about(0.3), step: about(0.15) },
  ];
  expect(wrongSteps({ ...first!, levels })).toEqual(["none to ls=0.1: 5.0 points the other way"]);
});

test("a claim's section has verdict, figure, control, reason, and a link to the entry that holds its runs", () => {
  const page = section("T11");
  expect(page.querySelector(".tally")!.textContent).toBe(
    "Holds for 1, inconclusive for 1, not yet run for 2 of 4 networks.",
  );
  expect(page.querySelectorAll(".wide .plot, .narrow .plot").length).toBe(2);
  const [own, controls, runs] = page.querySelectorAll("table");
  expect(own!.querySelectorAll("tbody tr").length).toBe(4);
  expect(controls!.textContent).toContain("learned complexity at noise=0.4");
  expect(runs!.querySelector("a")!.textContent).toBe(ENTRY.slice(0, 12));
  expect(page.body.textContent).toContain(
    "Not testable here for cnn-32, wrn-16-1, vit-xs-8: no cells",
  );
});

test("on a site without the reference an entry that holds runs is named, and leads nowhere", () => {
  const runs = section("T11", false).querySelector("details")!;
  expect(runs.textContent).toContain(ENTRY.slice(0, 12));
  expect(runs.querySelector("a")).toBeNull();
});

test("before its runs a claim has no figure and no number, and says so", () => {
  const page = section("T2");
  expect(page.querySelectorAll(".plot").length).toBe(0);
  expect(page.querySelector(".tally")!.textContent).toBe("Not yet run for 7 of 7 networks.");
  expect(page.querySelector("tbody")!.textContent).not.toMatch(/holds|fails|inconclusive/);
  expect(section("Q4").querySelector(".tally")!.textContent).toBe("Not yet run.");
});

test("the overview has a row for each claim, a cell for each network, and says that runs are missing", () => {
  const { document: page } = parseHTML(`<html><body>${drawn(overview(findings))}</body></html>`);
  expect(page.querySelectorAll("tbody tr").length).toBe(CLAIMS.length);
  const networks = Object.keys(replicationPlan.seeds).length;
  expect(page.querySelectorAll("tbody td").length).toBe(CLAIMS.length * networks);
  expect(page.querySelectorAll(".verdict.holds").length).toBe(1);
  const standingOf = (each: typeof findings) =>
    drawn(standing(each) as Parameters<typeof drawn>[0]);
  const said = standingOf(findings);
  expect(said).toContain("Not everything has been run yet.");
  expect(said).toContain("1 of 87 contrasts could be tested. No entry has been reproduced yet.");
  const reproductions = { agree: 2, disagree: 0, inconclusive: 1 };
  expect(standingOf({ ...findings, reproductions })).toContain(
    "3 reproductions of entries on other seeds, by another key on the same machine: 2 agree, 0 disagree, 1 inconclusive.",
  );
});

test("whether complexity explains the gap is not answered before the runs are there", async () => {
  const { explanation: none } = await findingsOf({ runs: [], reproductions: [] });
  expect(drawn(explanation(none))).toContain("Not yet run");
  expect(drawn(explanation(none))).not.toContain("<svg");
});

test("Q4 is an estimate only of a network whose runs are all there", () => {
  const [first] = findings.labellings;
  const bounded = { value: 0.1, low: 0, high: 0.2 };
  const components = { labelling: bounded, seed: bounded, ratio: bounded };
  const labellings = [
    { ...first!, network: "mlp-128", components },
    ...findings.labellings.slice(1),
  ];
  expect(isEstimated(labellings, "mlp-128")).toBe(true);
  expect(isEstimated(labellings, "mlp-256")).toBe(false);
});
