/** @file What a board's results allow to be said of each regularizer, in words that follow the tests. */

import { type Comparison, type Quantity, compareOutcomes } from "./comparison.ts";
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

const SAID = ["learnedComplexity", "gap", "testAccuracy"] as const satisfies readonly Quantity[];
const WORDS: Record<(typeof SAID)[number], string> = {
  learnedComplexity: "learnedComplexity",
  gap: "generalization gap",
  testAccuracy: "test accuracy",
};

/**
 * One sentence for each regularized outcome that has `none` of its architecture beside it.
 *
 * Differences are paired over shared seeds, which are the panel's (fresh seeds are nobody else's), and corrected by
 * Holm over the pairs given here: leave out what is not shown.
 *
 * @param outcomes of one protocol, one for each configuration; of several the first counts as `none`.
 */
export function boardSentences(outcomes: readonly Outcome[]): BoardSentence[] {
  const pairs = outcomes.flatMap(({ arch, regs }, a) => {
    const b = outcomes.findIndex((other) => other.arch === arch && other.regs === "none");
    return regs === "none" || b < 0 ? [] : [[a, b] as const];
  });
  const comparisons = compareOutcomes(outcomes, pairs);
  return pairs.map(([a, b]) => {
    const { arch, regs } = outcomes[a]!;
    const said = SAID.map((quantity) =>
      comparisons.find((each) => each.quantity === quantity && each.a === a && each.b === b)!,
    );
    const clauses = said.map((comparison) => clause(comparison, outcomes));
    return { arch, regs, a, b, text: sentence(arch, regs, clauses), comparisons: said };
  });
}

interface Clause {
  /** Clauses of one kind share their words. */
  kind: "raises" | "lowers" | "not distinguishable" | "not tested";
  text: string;
}

function sentence(arch: string, regs: string, clauses: Clause[]): string {
  const moved = clauses.filter(({ kind }) => kind === "raises" || kind === "lowers");
  const others = clauses.filter((each) => !moved.includes(each)).map(({ text }) => text);
  if (clauses.every(({ kind }) => kind === "not tested"))
    return `${regs} on ${arch}: too few seeds completed beside none to say anything.`;
  if (moved.length === 0) return `${regs} on ${arch}: ${others.join("; ")}.`;
  const verbs = moved.map(({ kind, text }) => `${kind} ${text}`).join(" and ");
  return [`${regs} on ${arch} ${verbs}`, ...others].join("; ") + ".";
}

function clause(comparison: Comparison, outcomes: readonly Outcome[]): Clause {
  const name = WORDS[comparison.quantity as keyof typeof WORDS];
  const { verdict, smallestVisible } = comparison;
  if (verdict === "too few shared seeds")
    return { kind: "not tested", text: `${name}: too few shared seeds` };
  if (verdict === "not distinguishable") {
    const limit = `a difference below ${points(smallestVisible!)} points could not have been seen`;
    return { kind: "not distinguishable", text: `${name}: not distinguishable (${limit})` };
  }
  const [with_, without] = [comparison.a, comparison.b].map((place) =>
    points(meanOver(outcomes[place]!, comparison)),
  );
  const text = `its ${name} from ${without} to ${with_} ${unit(comparison.quantity)}`;
  return { kind: verdict === "a is higher" ? "raises" : "lowers", text };
}

/** Over the seeds compared alone, so that the two numbers differ by what was tested. */
function meanOver({ runs }: Outcome, { quantity, seeds }: Comparison): number {
  return mean(runs.filter(({ seed }) => seeds.includes(seed)).map((run) => run[quantity]!));
}

function unit(quantity: Quantity): string {
  return quantity === "gap" ? "points" : "%";
}

function points(share: number): string {
  const text = (100 * share).toFixed(1);
  return text === "-0.0" ? "0.0" : text;
}
