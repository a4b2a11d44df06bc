/** @file Feature files side by side: capacities paired over the same labellings (trust.md section 4). */

import { leastVarianceAt } from "../../record/least-variance.ts";
import { normalizedAccuracy } from "../../record/normalized-accuracy.ts";
import { testTogether } from "../../record/statistics/paired-tests.ts";
import type { ProbeComparison, TapDocument } from "./probe-document.ts";

/** Fewer labellings than this carry no statement, as with seeds. */
export const FEWEST_DRAWS = 5;

/** What a comparison needs of a tap. */
type ComparedTap = Pick<TapDocument, "file" | "width" | "refit" | "null">;

/**
 * Every pair of files in every label space: tap by tap where all files have as many, else their last taps, which alone
 * stand for the same thing in each. One family: Holm's correction is over all of it.
 *
 * @param taps file by file, with the same label spaces, under labellings of one seed and the same samples.
 * @param samples m.
 */
export function compareTaps(taps: readonly ComparedTap[], samples: number): ProbeComparison[] {
  const pairs = tapPairs(taps);
  const asked = taps[0]!.refit.flatMap(({ n }, space) =>
    pairs.map(([a, b]) => ({ n, a, b, ...pairedCapacities(taps[a]!, taps[b]!, space, samples) })),
  );
  const tests = testTogether(asked, FEWEST_DRAWS);
  return asked.map(({ n, a, b, differences, cloudDifference }, i) => {
    const { verdict, ...test } = tests[i]!;
    const pair = { n, a, b, draws: differences.length };
    return { ...pair, ...test, cloudDifference, verdict: verdict ?? "too few draws" };
  });
}

/** Places of the two taps of each pair. */
function tapPairs(taps: readonly ComparedTap[]): [a: number, b: number][] {
  const places = taps.map((_, place) => place);
  const byFile = [...Map.groupBy(places, (place) => taps[place]!.file).values()];
  const depth = byFile[0]!.length;
  const columns = byFile.every((own) => own.length === depth)
    ? Array.from({ length: depth }, (_, tap) => byFile.map((own) => own[tap]!))
    : [byFile.map((own) => own.at(-1)!)];
  return columns.flatMap((column) =>
    column.flatMap((a, i) => column.slice(i + 1).map((b): [number, number] => [a, b])),
  );
}

function pairedCapacities(a: ComparedTap, b: ComparedTap, space: number, samples: number) {
  const [first, second] = [a.refit[space]!, b.refit[space]!];
  const { n } = first;
  const shared = Math.min(first.redraws.length, second.redraws.length);
  const capacity = (correct: number) => normalizedAccuracy(correct / samples, n);
  return {
    differences: first.redraws
      .slice(0, shared)
      .map((correct, draw) => capacity(correct) - capacity(second.redraws[draw]!)),
    // of two numbers, each with steps of its own
    least: 2 * leastVarianceAt("capacity", n, samples),
    cloudDifference:
      normalizedAccuracy(a.null[space]!.counts, n) - normalizedAccuracy(b.null[space]!.counts, n),
  };
}
