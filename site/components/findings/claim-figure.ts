/** @file The figure of a claim: its contrast in every network that has a test, and the first control beside it. */

import type { VNode } from "preact";
import type { Claim } from "../../../record/replication/claims.ts";
import type { Verdict } from "../../../record/replication/findings.ts";
import { contrastUnit, testWords, verdictWords } from "../../charts/verdict-words.ts";
import { type ForestRow, forestFigure } from "../../charts/verdict-forest.ts";

/** Null before the first test. */
export function figureOfClaim(claim: Claim, verdicts: readonly Verdict[]): VNode | null {
  const tested = verdicts.flatMap((each) => (each.test ? [{ ...each, test: each.test }] : []));
  const [first] = tested;
  if (first === undefined) return null;
  const unit = contrastUnit(claim.id);
  const line = first.margin === 0 ? "upright line" : "dashed line";
  const beside = tested.map(({ controls }) => controls[0]).find((each) => each?.shown === "mean");
  return forestFigure({
    title: claim.contrast.replace(/\.$/, ""),
    caption:
      `Right of the ${line}${first.margin === 0 ? "" : ", the margin,"} is as claimed. ` +
      "Marks are means over seeds, thin strokes the seeds themselves, bars the intervals at Holm's level: " +
      `a verdict is where a bar is clear of that line.`,
    label: `difference (${unit})`,
    margin: first.margin,
    isShare: unit === "points",
    beside: beside ? `${beside.title} (95 % interval)` : null,
    rows: tested.map((each): ForestRow => ({
      network: each.network,
      status: each.status as ForestRow["status"],
      words: `${testWords(claim.id, each.test)} ${unit}, ${verdictWords(each)}`,
      ...{ mean: each.test.mean, low: each.test.low, high: each.test.high },
      seeds: each.seeds.map(({ value }) => value),
      beside: beside
        ? (each.controls.find(({ title }) => title === beside.title)?.value ?? null)
        : null,
    })),
  });
}
