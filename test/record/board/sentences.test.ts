import fc from "fast-check";
import { expect, test } from "vitest";
import { boardSentences } from "../../../record/board/sentences.ts";
import { compareOutcomes } from "../../../record/board/comparison.ts";
import { outcome } from "../../../record/summary.ts";
import type { Run } from "../../../record/run.ts";
import { aDivergedRun, aRun, withFinal, micro } from "../../world/runs.ts";
import { challengerWords, challengeSentences } from "../../../record/board/challenge-words.ts";

/** Per seed 1, 2, ...: RL-correct of 2500 at both headline draws, and test-correct of 10000. */
function anOutcome(regs: string, finals: number[], tests: number[], arch = "mlp-512") {
  const tap = arch === "mlp-512" ? 2 : 3;
  const runs = finals.map((final, i) => {
    const run = withFinal(aRun({ seed: i + 1, regs, arch }), { tap, n: 100 }, [final, final]);
    return { ...run, final: { ...run.final!, testCorrect: tests[i]! } };
  });
  return outcome(runs as [Run, ...Run[]], micro);
}
const tests = [4500, 4510, 4490, 4520, 4480];
const none = anOutcome("none", [1150, 1160, 1140, 1155, 1145], tests);
const dropout = anOutcome("dropout=0.5", [150, 160, 142, 155, 143], tests);

test("what the tests show is said with both numbers, the rest with what could not have been seen", () => {
  const noisy = anOutcome(
    "wd=0.005",
    [1150, 1161, 1139, 1156, 1144],
    [5500, 5512, 5493, 5519, 5482],
  );
  const [first, second, ...rest] = boardSentences([none, dropout, noisy]);
  expect(rest).toEqual([]);
  expect(first!.text).toBe(
    "dropout=0.5 on mlp-512 lowers its complexity from 45.5 to 5.1 %; " +
      "generalization gap: not distinguishable (a difference below 0.0 points could not have been seen); " +
      "test accuracy: not distinguishable (a difference below 0.0 points could not have been seen).",
  );
  expect(second!.text).toMatch(
    /^wd=0.005 on mlp-512 lowers its generalization gap from 35.0 to 25.0 points and raises its test accuracy from 45.0 to 55.0 %; complexity: not distinguishable \(a difference below 0.\d points could not have been seen\)\.$/,
  );
});

test("zero points have no minus before them", () => {
  const overtaken = anOutcome(
    "dropout=0.5",
    [150, 160, 142, 155, 143],
    [8004, 8003, 8005, 8004, 8003],
  );
  expect(boardSentences([none, overtaken])[0]!.text).toContain("gap from 35.0 to 0.0 points");
});

test("an architecture is compared with its own `none` alone", () => {
  const other = anOutcome("dropout=0.5", [150, 160, 142, 155, 143], tests, "cnn-16");
  expect(boardSentences([none, other])).toEqual([]);
  expect(boardSentences([none])).toEqual([]);
  expect(boardSentences([other, none, dropout]).map(({ a, b }) => [a, b])).toEqual([[2, 1]]);
});

test("with too few shared seeds nothing is said", () => {
  const few = anOutcome("dropout=0.5", [150, 160, 142, 155], tests);
  expect(boardSentences([none, few])[0]!.text).toBe(
    "dropout=0.5 on mlp-512: too few seeds completed beside none to say anything.",
  );
  const run = aDivergedRun({ regs: "dropout=0.5" });
  expect(boardSentences([none, outcome([run], micro)])[0]!.text).toContain("too few seeds");
});

test("a pair more shown can take words away: Holm counts them all", () => {
  const near = anOutcome("wd=0.005", [1140, 1160, 1130, 1140, 1142], tests);
  const alone = boardSentences([none, near])[0]!;
  const p = alone.comparisons[0]!.p!;
  const among = boardSentences([none, near, { ...near, regs: "wd=0.01" }])[0]!;
  expect(among.comparisons[0]!.p).toBeCloseTo(2 * p, 12);
  expect(p).toBeLessThan(0.05);
  expect(alone.text).toContain("lowers its complexity");
  expect(2 * p).toBeGreaterThan(0.05);
  expect(among.text).toContain("complexity: not distinguishable");
});

test("whatever the runs, each word is the test's verdict", () => {
  const finals = fc.array(fc.integer({ min: 900, max: 1400 }), { minLength: 4, maxLength: 6 });
  const correct = fc.array(fc.integer({ min: 4300, max: 4700 }), { minLength: 6, maxLength: 6 });
  const shift = fc.constantFrom(0, 50, -400);
  fc.assert(
    fc.property(finals, finals, correct, correct, shift, (a, b, c, d, by) => {
      const outcomes = [
        anOutcome("none", b, d),
        anOutcome(
          "ls=0.1",
          a,
          c.map((count) => count + by),
        ),
      ];
      const [{ text, comparisons }] = boardSentences(outcomes) as [
        ReturnType<typeof boardSentences>[0],
      ];
      const tested = compareOutcomes(outcomes, [[1, 0]]);
      expect(comparisons).toEqual([tested[0], tested[1], tested[2]]);
      const names = ["learnedComplexity", "generalization gap", "test accuracy"];
      for (const [i, { verdict }] of comparisons.entries()) {
        const has = (words: string) => text.includes(words);
        expect(has(`raises its ${names[i]} from`)).toBe(verdict === "a is higher");
        expect(has(`lowers its ${names[i]} from`)).toBe(verdict === "a is lower");
        expect(has(`${names[i]}: not distinguishable (`)).toBe(verdict === "not distinguishable");
      }
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
