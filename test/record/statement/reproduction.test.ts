import { expect, test } from "vitest";
import type { Reproduction } from "../../../record/statement/statements.ts";
import {
  type ReproductionRule,
  reproducedNumbers,
  reproductionProblems,
  reproductionVerdict,
} from "../../../record/statement/result-problems.ts";
import type { Run } from "../../../record/run.ts";
import { withFinal, aWholeDivergedRun, micro } from "../../world/runs.ts";
import { aReproduction, aResult, idOf } from "../../world/statements.ts";

const result = aResult();
const { reproduction, challenge } = aReproduction(result);
const entry = { id: idOf(result), result };
const problemsOf = (changes: Partial<Reproduction>) =>
  reproductionProblems({ ...reproduction, ...changes }, entry, micro, challenge);

function withTestCorrect(runs: Run[], counts: number[]): Run[] {
  return runs.map((run, i) => ({ ...run, final: { ...run.final!, testCorrect: counts[i]! } }));
}

test("a reproduction with fresh seeds of its own stands", () => {
  expect(problemsOf({})).toEqual([]);
});

test.each<[string, Partial<Reproduction>, pointer: string, code: ReproductionRule]>([
  ["of another entry", { entry: "0".repeat(64) }, "/entry", "entry"],
  ["of another configuration", { regs: "wd=0.005" }, "/regs", "entry-configuration"],
  ["without a challenge", { challenge: null, fresh: [] }, "/challenge", "own-challenge"],
  [
    "on the entry's own challenge",
    { challenge: result.challenge },
    "/challenge",
    "issued-challenge",
  ],
  ["with the entry's own fresh runs", { fresh: result.fresh }, "/fresh/0/seed", "fresh-seeds"],
  ["under a key that did not commit", { key: result.key }, "/key", "commitment"],
  ["that says what its counts do not", { verdict: "disagree" }, "/verdict", "verdict"],
])("a reproduction %s is refused", (_, changes, pointer, code) => {
  expect(problemsOf(changes)).toContainEqual(expect.objectContaining({ code, pointer }));
});

test("a challenge for a result of one's own does not serve a reproduction", () => {
  const own = { ...challenge, commitment: { ...challenge.commitment, reproduces: null } };
  const found = reproductionProblems(reproduction, entry, micro, own);
  expect(found).toEqual([
    {
      code: "challenge-purpose",
      pointer: "/challenge",
      rule: "committed to for this entry",
      found: expect.anything() as string,
    },
  ]);
});

test("within the tolerance it agrees; beyond, it disagrees only where Welch's test tells the means apart", () => {
  const fresh = (counts: number[]) => ({ fresh: withTestCorrect(reproduction.fresh, counts) });
  const verdict = (counts: number[]) => reproductionVerdict(result, fresh(counts), micro);
  expect(verdict([4500, 4500, 4500])).toBe("agree"); // the entry's .45
  expect(verdict([4799, 4799, 4799])).toBe("agree"); // within .03
  expect(verdict([4801, 4802, 4803])).toBe("disagree");
  expect(verdict([4400, 4900, 5400])).toBe("inconclusive"); // .04 off, with too wide a spread to tell
  expect(verdict([3000, 4500, 6000])).toBe("agree"); // as wide, and right on the mean
  expect(reproducedNumbers(result, fresh([4801, 4802, 4803]), micro)).toMatchObject([
    { quantity: "learnedComplexity", agrees: true, tolerance: 0.05 },
    {
      quantity: "testAccuracy",
      entry: expect.closeTo(0.45, 12) as number,
      agrees: false,
      tolerance: 0.03,
    },
  ]);
});

test("what is open in one quantity does not hide a disagreement in the other", () => {
  const wide = withTestCorrect(reproduction.fresh, [4400, 4900, 5400]);
  const learned = (run: Run) => withFinal(run, { tap: 2, n: 100 }, [1500, 1500]);
  expect(reproducedNumbers(result, { fresh: wide.map(learned) }, micro)).toMatchObject([
    { quantity: "learnedComplexity", agrees: false },
    { quantity: "testAccuracy", agrees: null },
  ]);
  expect(reproductionVerdict(result, { fresh: wide.map(learned) }, micro)).toBe("disagree");
});

test("a single fresh run cannot disagree: nothing tells how far it spreads", () => {
  const [first] = withTestCorrect(reproduction.fresh, [9000, 0, 0]);
  expect(reproductionVerdict(result, { fresh: [first!] }, micro)).toBe("inconclusive");
});

test("with a diverged run on either side nothing is concluded", () => {
  const diverged = aWholeDivergedRun({ seed: reproduction.fresh[0]!.seed });
  const fresh = reproduction.fresh.with(0, diverged);
  expect(reproductionVerdict(result, { fresh }, micro)).toBe("inconclusive");
  const panel = result.panel.with(0, aWholeDivergedRun({ seed: 1 }));
  expect(reproductionVerdict({ ...result, panel }, reproduction, micro)).toBe("inconclusive");
  expect(reproductionVerdict(result, { fresh: [] }, micro)).toBe("inconclusive");
  expect(problemsOf({ fresh, verdict: "inconclusive" })).toEqual([]);
  expect(problemsOf({ fresh })[0]!.pointer).toBe("/verdict");
});
