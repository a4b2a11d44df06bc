/** @file What a board's results allow to be said of each regularizer, in words that follow the tests. */

import { type Comparison, compareOutcomes } from "./comparison.ts";
import {
  QUANTITY_WORDS,
  type Quantity,
  areOrdersOpposite,
  pointDigits,
  pointsText,
} from "./comparison-words.ts";
import type { Protocol } from "../protocols.ts";
import type { Outcome } from "../summary.ts";
import { mean } from "../statistics/t-interval.ts";

export interface BoardSentence {
  arch: string;
  regs: string;
  /** Places among the outcomes given: the one regularized, and `none` of the same architecture. */
  a: number;
  b: number;
  text: string;
  /** The tests that the words follow from, in the order of `SAID`. */
  comparisons: Comparison[];
}

/** What a comparison of a regularized outcome with `none` says of it, for whoever needs no more. */
export function changeOf({ quantity, difference, p, verdict }: Comparison) {
  const [word] = /(higher|lower)$/.exec(verdict) ?? [verdict];
  return { quantity, difference, p, verdict: word as Direction };
}

type Direction = "higher" | "lower" | "not distinguishable" | "too few shared seeds";

const SAID = [
  "learnedComplexity",
  "capacity",
  "gap",
  "testAccuracy",
] as const satisfies readonly Quantity[];

/**
 * One sentence for each regularized outcome that has `none` of its architecture beside it.
 *
 * Differences are paired over shared seeds, which are the panel's (fresh seeds are nobody else's). Holm's correction is
 * over all that is said, every pair in every quantity of `SAID`: leave out what is not shown.
 *
 * @param outcomes of one protocol, one for each configuration; of several the first counts as `none`.
 */
export function boardSentences(
  outcomes: readonly Outcome[],
  { headline }: Pick<Protocol, "headline">,
): BoardSentence[] {
  const pairs = outcomes.flatMap(({ arch, regs }, a) => {
    const b = outcomes.findIndex((other) => other.arch === arch && other.regs === "none");
    return regs === "none" || b < 0 ? [] : [[a, b] as const];
  });
  const comparisons = compareOutcomes(outcomes, { headline, pairs, quantities: SAID });
  return pairs.map(([a, b]) => {
    const { arch, regs } = outcomes[a]!;
    const said = comparisons.filter((each) => each.a === a && each.b === b);
    const clauses = said.map((comparison) => clause(comparison, outcomes));
    const text = sentence(`${regs} on ${arch}`, clauses) + opposition(said);
    return { arch, regs, a, b, text, comparisons: said };
  });
}

interface Clause {
  /** Clauses of one kind share their words. */
  kind: "raises" | "lowers" | "not distinguishable" | "not tested";
  text: string;
}

function sentence(subject: string, clauses: Clause[]): string {
  const moved = clauses.filter(({ kind }) => kind === "raises" || kind === "lowers");
  const others = clauses.filter((each) => !moved.includes(each)).map(({ text }) => text);
  if (clauses.every(({ kind }) => kind === "not tested"))
    return `${subject}: too few seeds completed beside none to say anything.`;
  if (moved.length === 0) return `${subject}: ${others.join("; ")}.`;
  return [`${subject} ${inARow(moved.map(({ kind, text }) => `${kind} ${text}`))}`, ...others]
    .join("; ")
    .concat(".");
}

/** `one`, `one and two`, `one, two and three`. */
function inARow(parts: readonly string[]): string {
  return parts.length < 2
    ? parts.join("")
    : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)!}`;
}

function clause(comparison: Comparison, outcomes: readonly Outcome[]): Clause {
  const { quantity, verdict } = comparison;
  const name = QUANTITY_WORDS[quantity];
  if (verdict === "too few shared seeds")
    return { kind: "not tested", text: `${name}: too few shared seeds` };
  if (verdict === "not distinguishable")
    return { kind: verdict, text: `${name}: ${indistinct(comparison, outcomes)}` };
  const digits = pointDigits(comparison.difference!.mean);
  const [with_, without] = [comparison.a, comparison.b].map((place) =>
    (100 * mean(valuesOf(outcomes[place]!, comparison)))
      .toFixed(digits)
      .replace(/^-(0\.0*)$/, "$1"),
  );
  const text = `its ${name} from ${without} to ${with_} ${unit(quantity)}`;
  return { kind: verdict === "a is higher" ? "raises" : "lowers", text };
}

function indistinct(comparison: Comparison, outcomes: readonly Outcome[]): string {
  const { a, b, quantity, identical, criticalDifference, detectableDifference } = comparison;
  const values = [a, b].flatMap((place) => valuesOf(outcomes[place]!, comparison));
  if (values.every((value) => value === values[0]))
    return `the same in every run (${wholeText(values[0]!)} ${unit(quantity)})`;
  if (identical) return "with each seed the same as without";
  const [critical, detectable] = [criticalDifference, detectableDifference].map((share) =>
    pointsText(share!),
  );
  return (
    `not distinguishable (an observed difference had to exceed ${critical} points; ` +
    `a true one of ${detectable} points would be found with power .8)`
  );
}

/** With as many digits as tell it from none and from all. */
function wholeText(share: number): string {
  const rest = Math.min(Math.abs(share), Math.abs(1 - share));
  return (100 * share).toFixed(pointDigits(rest));
}

/** Over the seeds compared alone, so that means differ by what was tested. */
function valuesOf({ runs }: Outcome, { quantity, seeds }: Comparison): number[] {
  return runs.filter(({ seed }) => seeds.includes(seed)).map((run) => run[quantity]!);
}

function unit(quantity: Quantity): string {
  return quantity === "gap" ? "points" : "%";
}

/** Said only where each of the two numbers has a test of its own that says so. */
function opposition(said: readonly Comparison[]): string {
  if (!areOrdersOpposite(said)) return "";
  const isLearnedHigher = said.some(
    ({ quantity, verdict }) => quantity === "learnedComplexity" && verdict === "a is higher",
  );
  const [learned, capacity] = isLearnedHigher ? ["higher", "lower"] : ["lower", "higher"];
  return (
    " The two numbers put these two networks in opposite orders: beside none it is " +
    `${learned} by learned complexity and ${capacity} by capacity.`
  );
}
