import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boardSentences } from "../../../record/board/sentences.ts";
import { compareOutcomes } from "../../../record/board/comparison.ts";
import { outcome } from "../../../record/summary.ts";
import type { Run } from "../../../record/run.ts";
import { aDivergedRun, aRun, withFinal, micro } from "../../world/runs.ts";
import { challengerWords, challengeSentences } from "../../../record/board/challenge-words.ts";

/** Per seed 1, 2, ...: RL-correct of 2500 at both headline draws, and test-correct of 10000. */
function anOutcome(
  regs: string,
  finals: number[],
  tests: number[],
  { arch = "mlp-512", refits = [2000] }: { arch?: string; refits?: number[] } = {},
) {
  const tap = arch === "mlp-512" ? 2 : 3;
  const runs = finals.map((final, i) => {
    const run = withFinal(aRun({ seed: i + 1, regs, arch }), { tap, n: 100 }, [final, final]);
    const correct = refits[i % refits.length]!;
    const refit = run.controls!.refit.map((each) => ({
      ...each,
      redraws: each.redraws.map(() => correct),
    }));
    const controls = { ...run.controls!, refit };
    return { ...run, controls, final: { ...run.final!, testCorrect: tests[i]! } };
  });
  return outcome(runs as [Run, ...Run[]], micro);
}
const tests = [4500, 4510, 4490, 4520, 4480];
const none = anOutcome("none", [1150, 1160, 1140, 1155, 1145], tests);
const dropout = anOutcome("dropout=0.5", [150, 160, 142, 155, 143], tests);
const noisy = anOutcome("wd=0.005", [1150, 1161, 1139, 1156, 1144], [5500, 5512, 5493, 5519, 5482]);

test("what the tests show is said with both numbers, what they do not with what it takes", () => {
  const [first, second, ...rest] = boardSentences([none, dropout, noisy], micro);
  expect(rest).toEqual([]);
  expect(first!.text).toBe(
    "dropout=0.5 on mlp-512 lowers its learned complexity by 40.4 points (to 5.1 %); " +
      "capacity: the same in every run (79.8 %); " +
      "generalization gap: with each seed the same as without; " +
      "test accuracy: with each seed the same as without. Paired over 5 seeds.",
  );
  expect(second!.text).toMatch(
    /^wd=0.005 on mlp-512 lowers its generalization gap by 10.0 points \(to 25.0\) and raises its test accuracy by 10.0 points \(to 55.0 %\); learned complexity: not distinguishable \(an observed difference had to exceed 0.\d{2,3} points; a true one of 0.\d{2,3} points would be found with power .8\); capacity: the same in every run \(79.8 %\)\. Paired over 5 seeds\.$/,
  );
});

test("a saturated accuracy has no limit of zero points, and one near it does not pass for all of it", () => {
  const saturated = (regs: string, by: number) =>
    anOutcome(regs, [1150, 1160, 1140, 1155, 1145], [9997, 9997, 9997, 9997, 9997 + by]);
  const text = (by: number) =>
    boardSentences([saturated("none", 0), saturated("aug", by)], micro)[0]!.text;
  expect(text(0)).toContain("test accuracy: the same in every run (99.970 %)");
  expect(text(1)).toContain(
    "test accuracy: not distinguishable (an observed difference had to exceed 0.00",
  );
  expect(text(0) + text(1)).not.toMatch(/ 0\.0+ points/);
});

test("zero points have no minus before them", () => {
  const overtaken = anOutcome(
    "dropout=0.5",
    [150, 160, 142, 155, 143],
    [8004, 8003, 8005, 8004, 8003],
  );
  expect(boardSentences([none, overtaken], micro)[0]!.text).toContain(
    "gap by 35.0 points (to 0.0)",
  );
});

test("a level is what the board's row shows, over every seed, and the difference what was tested", () => {
  const level = (mean: number) => ({ mean, low: null, high: null, count: 8 });
  const shown = { learnedComplexity: level(0.0523), capacity: null, gap: null, testAccuracy: null };
  expect(boardSentences([none, dropout], micro, [shown, shown])[0]!.text).toContain(
    "lowers its learned complexity by 40.4 points (to 5.2 %)",
  );
});

test("what moves complexity and helps comes first, then at no cost, at a cost, what moves something else, and nothing", () => {
  const better = anOutcome("aug", [950, 960, 942, 955, 943], [5000, 5012, 4988, 5020, 4980]);
  const worse = anOutcome("rl=100", [15, 16, 14, 15, 16], [3500, 3510, 3490, 3520, 3480]);
  const weaker = anOutcome("ls=0.1", [850, 860, 842, 855, 843], tests);
  const same = { ...none, regs: "sam=0.05" };
  const all = [none, same, noisy, worse, weaker, dropout, better];
  expect(boardSentences(all, micro).map(({ regs }) => regs)).toEqual([
    ...["aug", "dropout=0.5", "ls=0.1", "rl=100", "wd=0.005", "sam=0.05"],
  ]);
});

test("an architecture is compared with its own `none` alone", () => {
  const other = anOutcome("dropout=0.5", [150, 160, 142, 155, 143], tests, { arch: "cnn-16" });
  expect(boardSentences([none, other], micro)).toEqual([]);
  expect(boardSentences([none], micro)).toEqual([]);
  expect(boardSentences([other, none, dropout], micro).map(({ a, b }) => [a, b])).toEqual([[2, 1]]);
});

test("with too few shared seeds nothing is said", () => {
  const few = anOutcome("dropout=0.5", [150, 160, 142, 155], tests);
  expect(boardSentences([none, few], micro)[0]!.text).toBe(
    "dropout=0.5 on mlp-512: too few seeds completed beside none to say anything.",
  );
  const run = aDivergedRun({ regs: "dropout=0.5" });
  expect(boardSentences([none, outcome([run], micro)], micro)[0]!.text).toContain("too few seeds");
});

test("a pair more shown can take words away: Holm counts all that is said, pairs and quantities", () => {
  const near = anOutcome("wd=0.005", [1130, 1150, 1122, 1138, 1132], tests);
  const alone = boardSentences([none, near], micro)[0]!;
  const { p } = alone.comparisons[0]!;
  const uncorrected = compareOutcomes([none, near], {
    headline: micro.headline,
    pairs: [[1, 0]],
    quantities: ["learnedComplexity"],
  })[0]!.p!;
  expect(p).toBeCloseTo(4 * uncorrected, 12);
  expect(p).toBeLessThan(0.05);
  expect(alone.text).toContain("lowers its learned complexity");
  const copies = Array.from({ length: 14 }, (_, i) => ({ ...near, regs: `wd=0.0${i + 10}` }));
  const among = boardSentences([none, near, ...copies], micro)[0]!;
  expect(among.comparisons[0]!.p).toBeCloseTo(Math.min(1, 60 * uncorrected), 12);
  expect(60 * uncorrected).toBeGreaterThan(0.05);
  expect(among.text).toContain("learned complexity: not distinguishable");
});

describe("where learned complexity and capacity order a network and its `none` differently", () => {
  const learned = [900, 912, 893, 905, 891];
  const refits = [2100, 2110, 2094, 2105, 2099];
  const opposite = "put these two networks in opposite orders";

  test("the sentence says so in plain words", () => {
    const opposed = anOutcome("rl=10", learned, tests, { refits });
    const { text } = boardSentences([none, opposed], micro)[0]!;
    expect(text).toMatch(
      /^rl=10 on mlp-512 lowers its learned complexity by \d+.\d points \(to \d+.\d %\) and raises its capacity by \d+.\d points \(to \d+.\d %\); /,
    );
    expect(text).toMatch(
      /\. The two numbers put these two networks in opposite orders: beside none it is lower by learned complexity and higher by capacity\. Paired over 5 seeds\.$/,
    );
  });

  test("it says nothing of it where one of the two tests does not allow it", () => {
    const wide = [2100, 1900, 2300, 1950, 2150]; // higher on average, and not shown to be
    const unsure = anOutcome("aug", learned, tests, { refits: wide });
    const { text, comparisons } = boardSentences([none, unsure], micro)[0]!;
    expect(comparisons[1]!.difference!.mean).toBeGreaterThan(0);
    expect(comparisons.slice(0, 2).map(({ verdict }) => verdict)).toEqual([
      "a is lower",
      "not distinguishable",
    ]);
    expect(text).not.toContain(opposite);
  });

  test("nor where both move the same way", () => {
    const lower = refits.map((count) => count - 400);
    const both = anOutcome("dropout=0.5", learned, tests, { refits: lower });
    const { text } = boardSentences([none, both], micro)[0]!;
    expect(text).toContain("lowers its capacity");
    expect(text).not.toContain(opposite);
  });
});

test("whatever the runs, each word is the test's verdict", () => {
  const shares = fc.array(fc.integer({ min: 900, max: 1400 }), { minLength: 4, maxLength: 6 });
  const shift = fc.constantFrom(0, 50, -400);
  const quantities = ["learnedComplexity", "capacity", "gap", "testAccuracy"] as const;
  const six = anOutcome("none", [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]);
  const having = (regs: string, counts: number[][], by: number) => ({
    ...six,
    regs,
    runs: counts[0]!.map((_, i) => {
      const values = quantities.map((name, k) => [name, ((counts[k]![i] ?? 1000) + by) / 2500]);
      return { ...six.runs[i]!, ...Object.fromEntries(values) } as (typeof six.runs)[0];
    }),
  });
  const runs = fc.tuple(shares, shares, shares, shares);
  fc.assert(
    fc.property(runs, runs, shift, (a, b, by) => {
      const outcomes = [having("none", a, 0), having("ls=0.1", b, by)];
      const [{ text, comparisons }] = boardSentences(outcomes, micro) as [
        ReturnType<typeof boardSentences>[0],
      ];
      const pairs = [[1, 0]] as const;
      expect(comparisons).toEqual(
        compareOutcomes(outcomes, { headline: micro.headline, pairs, quantities }),
      );
      const names = ["learned complexity", "capacity", "generalization gap", "test accuracy"];
      for (const [i, { verdict }] of comparisons.entries()) {
        const has = (words: string) => text.includes(words);
        expect(has(`raises its ${names[i]} by`)).toBe(verdict === "a is higher");
        expect(has(`lowers its ${names[i]} by`)).toBe(verdict === "a is lower");
        expect(has(`${names[i]}: not distinguishable (`)).toBe(verdict === "not distinguishable");
      }
      const [learned, capacity] = comparisons.map(({ verdict }) => verdict);
      expect(text.includes("opposite orders")).toBe(
        learned !== capacity && `${learned} ${capacity}`.match(/is (higher|lower)/g)?.length === 2,
      );
      expect(text).not.toMatch(/NaN|undefined|null|better|worse/);
    }),
    { numRuns: 150 },
  );
});

const nothing = { issued: 0, completed: 0 };

test("a configuration that nobody asked a challenge of says so", () => {
  const told = { challenges: { byKey: nothing, byAnybody: nothing }, challengers: null };
  expect(challengeSentences(told)).toHaveLength(1);
});

test("of a server that knows no holders the sums are told", () => {
  const challenges = {
    byKey: { issued: 2, completed: 1 },
    byAnybody: { issued: 9, completed: 3 },
  };
  expect(challengeSentences({ challenges, challengers: null })).toEqual([
    "Challenges of this configuration by the holder of this key: 1 of 2 completed; by anybody: 3 of 9 completed.",
  ]);
});

test("one other holder is one, and nothing is said", () => {
  const challenges = { byKey: nothing, byAnybody: { issued: 2, completed: 0 } };
  const abandoned = { byKey: 0, byAnybody: 2 };
  const told = { challenges, challengers: { holders: 1, abandoned, shown: [] } };
  expect(challengeSentences(told)[1]).toBe("By 1 other holder: 0 of 2 completed, 2 abandoned.");
  const own = { byKey: { issued: 1, completed: 1 }, byAnybody: { issued: 1, completed: 1 } };
  const alone = { holders: 1, abandoned: { byKey: 0, byAnybody: 0 }, shown: [] };
  expect(challengeSentences({ challenges: own, challengers: alone })[1]).toBe(
    "Nobody else asked for one.",
  );
});

test("what became of each is told, and nothing of what did not happen", () => {
  expect(challengerWords({ issued: 4, completed: 1, failed: 1, expired: 1 })).toBe(
    "1 of 4 completed, 1 given up, 1 expired, 1 open",
  );
  expect(challengerWords({ issued: 1, completed: 1, failed: 0, expired: 0 })).toBe(
    "1 of 1 completed",
  );
});
