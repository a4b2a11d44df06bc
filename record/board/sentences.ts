/** @file What a board's results allow to be said of each regularizer, in words that follow the tests. */

import { type Comparison, compareOutcomes } from "./comparison.ts";
import {
  QUANTITY_WORDS,
  type Quantity,
  SAID,
  areOrdersOpposite,
  pointDigits,
  pointsText,
} from "./comparison-words.ts";
import type { Protocol } from "../protocols.ts";
import type { Outcome, Summary } from "../summary.ts";

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

/** What a board's row shows of an outcome: means over all of its runs, fresh ones too. */
export type Levels = Pick<Summary, (typeof SAID)[number]>;

/**
 * One sentence for each regularized outcome that has `none` of its architecture beside it, the most telling first: what
 * moves learned complexity or capacity and raises test accuracy, then what moves them and is not shown to move it, then
 * what moves them at its cost, then what moves neither; within each by how far learned complexity moves.
 *
 * Differences are paired over shared seeds, which are the panel's (fresh seeds are nobody else's). Holm's correction is
 * over all that is said, every pair in every quantity of `SAID`: leave out what is not shown.
 *
 * @param outcomes of one protocol, one for each configuration; of several the first counts as `none`.
 * @param levels of each, to which a difference leads: the numbers that the reader finds in the table.
 */
export function boardSentences(
  outcomes: readonly Outcome[],
  { headline }: Pick<Protocol, "headline">,
  levels: readonly Levels[] = outcomes.map(({ summary }) => summary),
): BoardSentence[] {
  const pairs = outcomes.flatMap(({ arch, regs }, a) => {
    const b = outcomes.findIndex((other) => other.arch === arch && other.regs === "none");
    return regs === "none" || b < 0 ? [] : [[a, b] as const];
  });
  const comparisons = compareOutcomes(outcomes, { headline, pairs, quantities: SAID });
  const sentences = pairs.map(([a, b]) => {
    const { arch, regs } = outcomes[a]!;
    const said = comparisons.filter((each) => each.a === a && each.b === b);
    const clauses = said.map((comparison) => clause(comparison, outcomes, levels[a]!));
    const text = sentence(`${regs} on ${arch}`, clauses) + opposition(said) + pairing(said);
    return { arch, regs, a, b, text, comparisons: said };
  });
  return sentences.toSorted(byWeight);
}

function byWeight(one: BoardSentence, other: BoardSentence): number {
  const [a, b] = [one, other].map(({ comparisons }) => weightOf(comparisons)) as [Weight, Weight];
  return a.rank - b.rank || b.moved - a.moved;
}

interface Weight {
  rank: number;
  /** Of learned complexity, as a share; 0 where that is not shown: then those that came first stay so. */
  moved: number;
}

function weightOf(said: readonly Comparison[]): Weight {
  const of = (quantity: Quantity) => said.find((each) => each.quantity === quantity);
  const isMoved = (quantity: Quantity) => /^a is/.test(of(quantity)?.verdict ?? "");
  const isLearned = isMoved("learnedComplexity");
  const moved = isLearned ? Math.abs(of("learnedComplexity")!.difference!.mean) : 0;
  if (!isLearned && !isMoved("capacity"))
    return { rank: isMoved("gap") || isMoved("testAccuracy") ? 3 : 4, moved };
  const verdict = of("testAccuracy")?.verdict;
  return { rank: verdict === "a is higher" ? 0 : verdict === "a is lower" ? 2 : 1, moved };
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

function clause(comparison: Comparison, outcomes: readonly Outcome[], levels: Levels): Clause {
  const { quantity, verdict } = comparison;
  const name = QUANTITY_WORDS[quantity];
  if (verdict === "too few shared seeds")
    return { kind: "not tested", text: `${name}: too few shared seeds` };
  if (verdict === "not distinguishable")
    return { kind: verdict, text: `${name}: ${indistinct(comparison, outcomes)}` };
  const difference = comparison.difference!.mean;
  const level = levels[quantity as keyof Levels]?.mean ?? null;
  const to = level === null ? "" : ` (to ${levelText(level, pointDigits(difference), quantity)})`;
  const text = `its ${name} by ${pointsText(Math.abs(difference))} points${to}`;
  return { kind: verdict === "a is higher" ? "raises" : "lowers", text };
}

/** A gap's level is in points, as its difference is. */
function levelText(level: number, digits: number, quantity: Quantity): string {
  const text = (100 * level).toFixed(digits).replace(/^-(0\.0*)$/, "$1");
  return quantity === "gap" ? text : `${text} %`;
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

/** The levels are the table's, over every seed; the differences are over these. */
function pairing(said: readonly Comparison[]): string {
  const tested = said.filter(({ verdict }) => verdict !== "too few shared seeds");
  const most = Math.max(0, ...tested.map(({ seeds }) => seeds.length));
  return most === 0 ? "" : ` Paired over ${most} seeds.`;
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
