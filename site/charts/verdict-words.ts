/** @file Verdicts in words, for the page and for the document alike. */

import type { Findings, Verdict } from "../../record/replication/findings.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import { decimal, decimalInterval, pValue, percent, percentInterval, plural } from "./numbers.ts";

type Test = NonNullable<Verdict["test"]>;

/** `holds`; `not yet run (3 of 40 runs are there)`; `inconclusive (2 of 40 runs diverged)`. */
export function verdictWords({ status, test, differing, cells }: Verdict): string {
  const sum = (name: "asked" | "found" | "diverged") =>
    cells.reduce((total, cell) => total + cell[name], 0);
  if (status === "not yet run")
    return `not yet run (${sum("found")} of ${plural(sum("asked"), "run")})`;
  if (differing !== null && differing.length > 0) return `fails (seed ${differing.join(", ")})`;
  if (status === "inconclusive" && test === null)
    return sum("diverged") > 0
      ? `inconclusive (${sum("diverged")} of ${plural(sum("asked"), "run")} diverged)`
      : "inconclusive (a run lacks the number)";
  return status;
}

/** Has Q4 its estimate for a network? It has no verdict. */
export function isEstimated(labellings: Findings["labellings"], network: string): boolean {
  return labellings.some((each) => each.network === network && each.components !== null);
}

/** Claims whose contrast has no unit: a rank correlation is no share. */
const IS_RANK: ReadonlySet<string> = new Set(["Q1"]);

/** Points, or a correlation as it is. */
export function contrastNumber(claim: string, value: number | null): string {
  return IS_RANK.has(claim) ? decimal(value) : percent(value, 2);
}

export function contrastUnit(claim: string): string {
  return IS_RANK.has(claim) ? "tau" : "points";
}

/** A control's mean with its 95 % interval, in the claim's unit. */
export function controlWords(claim: string, value: Interval | null): string {
  return IS_RANK.has(claim) ? decimalInterval(value) : percentInterval(value, 2);
}

/** `5.28 [4.14, 6.42]`: the mean, and the interval at Holm's level. */
export function testWords(claim: string, { mean, low, high }: Test): string {
  const [center, from, to] = [mean, low, high].map((value) => contrastNumber(claim, value));
  return low === null ? `${center}, no interval` : `${center} [${from}, ${to}]`;
}

export function pWords({ p }: Test): string {
  return pValue(p).replace(/^p /, "").replace(/^= /, "");
}

/** Steps that go the other way than claimed, with what they are; empty without any. */
export function wrongSteps({ levels }: Verdict): string[] {
  return levels.flatMap(({ name, step }, i) =>
    step !== null && step.mean < 0
      ? [`${levels[i - 1]!.name} to ${name}: ${percent(-step.mean, 1)} points the other way`]
      : [],
  );
}

/** What was taken for the best, in the order of the contrast; empty where nothing was chosen. */
export function chosenWords({ chosen }: Verdict): string[] {
  return chosen.map(({ odd, even }) =>
    odd === even ? `${odd} at every seed` : `${odd} at odd seeds, ${even} at even ones`,
  );
}

/** `Not testable here for mlp-128, cnn-32: no cells of it are trained, for their cost.` */
export function untestableWords(
  { networks, reason }: Findings["claims"][number]["untestable"][number],
  all: readonly string[],
): string {
  const of = networks.length === all.length ? "" : ` for ${networks.join(", ")}`;
  return `Not testable here${of}: ${reason}.`;
}

/** How many networks have which verdict: `holds for 3, fails for 2 of 7 networks`. */
export function tallyWords(verdicts: readonly Verdict[]): string {
  const statuses = ["holds", "fails", "inconclusive", "not yet run"] as const;
  const parts = statuses.flatMap((status) => {
    const count = verdicts.filter((each) => each.status === status).length;
    return count === 0 ? [] : [`${TALLY[status]} ${count}`];
  });
  return `${parts.join(", ")} of ${plural(verdicts.length, "network")}`;
}

const TALLY = {
  holds: "holds for",
  fails: "fails for",
  inconclusive: "inconclusive for",
  "not yet run": "not yet run for",
} as const;

/** How entries fared when another key trained them again, on the machine that had listed them. */
export function reproductionWords({ agree, disagree, inconclusive }: Findings["reproductions"]) {
  const count = agree + disagree + inconclusive;
  if (count === 0) return "No entry has been reproduced yet.";
  const were = `${plural(count, "reproduction")} of entries on other seeds, by another key on the same machine`;
  return `${were}: ${agree} agree, ${disagree} disagree, ${inconclusive} inconclusive.`;
}
