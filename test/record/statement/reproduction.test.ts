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

/** Runs whose two headline heads know this many of the 2,500 labels each. */
const learned = (run: Run, count: number): Run =>
  withFinal(run, { tap: 2, n: 100 }, [count, count]);
const pair = (theirs: number[], ours: number[]) => {
  const eight = [...result.panel, ...result.fresh].map((run, i) => learned(run, theirs[i]!));
  const fresh = reproduction.fresh.map((run, i) => learned(run, ours[i]!));
  return [{ panel: eight.slice(0, 5), fresh: eight.slice(5) }, { fresh }, micro] as const;
};
const STEADY = [1500, 1510, 1490, 1505, 1495, 1502, 1498, 1500];
const WIDE = [1300, 1600, 1400, 1700, 1500, 1350, 1650, 1500];

/**
 * SciPy, A = (count/2500 - .01)/.99: low and high are the 90 % interval of ttest_ind(ours, theirs, equal_var=False);
 * of equal counts, the same formula with the variance (100/(99 * 2500))^2/12.
 */
test.each<
  [string, number[], number[], [low: number, high: number, tolerance: number], boolean | null]
>([
  [
    "inside the cap",
    STEADY,
    [1503, 1508, 1496],
    [-0.0026753567579820997, 0.004560878643504145, 0.05],
    true,
  ],
  [
    "outside the cap",
    STEADY,
    [1640, 1650, 1645],
    [0.055572687208941596, 0.061599029962775664, 0.05],
    false,
  ],
  [
    "across the cap",
    STEADY,
    [1600, 1640, 1620],
    [0.035226756114945364, 0.061742940854751564, 0.05],
    null,
  ],
  [
    "with a mean inside the cap and an interval across",
    STEADY,
    [1620, 1621, 1622],
    [0.04721627551344349, 0.05056150226433447, 0.05],
    null,
  ],
  [
    "inside the floor",
    [60, 62, 58, 61, 59, 60, 60, 60],
    [61, 60, 62],
    [-0.00019792426187578585, 0.0010060050699565956, 0.01],
    true,
  ],
  [
    "outside the floor",
    [60, 62, 58, 61, 59, 60, 60, 60],
    [100, 101, 102],
    [0.01596369189974037, 0.01716762123157276, 0.01],
    false,
  ],
  [
    "inside three standard deviations",
    [300, 330, 270, 310, 290, 300, 320, 280],
    [305, 300, 320],
    [-0.0036861343179828638, 0.010420141051989566, 0.024242424242424246],
    true,
  ],
  [
    "inside a tenth of the value",
    [800, 802, 798, 801, 799, 800, 800, 800],
    [815, 820, 810],
    [0.00271376398395799, 0.0094074481372541, 0.031313131313131314],
    true,
  ],
  [
    "too wide on the same mean",
    WIDE,
    [1300, 1500, 1700],
    [-0.12313620875172807, 0.12313620875172807, 0.05],
    null,
  ],
  [
    "without any spread",
    new Array<number>(8).fill(1500),
    [1500, 1500, 1500],
    [-0.00017331060681216416, 0.00017331060681216416, 0.05],
    true,
  ],
])("a difference %s", (_, theirs, ours, [low, high, tolerance], agrees) => {
  const [numbers] = reproducedNumbers(...pair(theirs, ours));
  expect(numbers).toMatchObject({
    quantity: "learnedComplexity",
    difference: {
      low: expect.closeTo(low, 11) as number,
      high: expect.closeTo(high, 11) as number,
    },
    tolerance: expect.closeTo(tolerance, 12) as number,
    agrees,
  });
});

test("an entry whose own spread makes the interval wider than the tolerance is called too noisy", () => {
  // SciPy: half widths to be expected with three fresh runs, .0864 and .0036, against .05
  expect(reproducedNumbers(...pair(WIDE, [1490, 1510, 1500]))[0]).toMatchObject({
    agrees: true, // by three runs that happen to lie close together
    tooNoisy: true,
  });
  expect(reproducedNumbers(...pair(STEADY, [1300, 1500, 1700]))[0]).toMatchObject({
    agrees: null,
    tooNoisy: false,
  });
});

test("all three quantities must agree, and one that disagrees decides", () => {
  const verdict = (ours: number[], fresh: Run[]) => {
    const [entry] = pair(STEADY, ours);
    const both = { fresh: fresh.map((run, i) => learned(run, ours[i]!)) };
    const numbers = reproducedNumbers(entry, both, micro);
    expect(numbers.map(({ quantity }) => quantity)).toEqual([
      ...["learnedComplexity", "capacity", "testAccuracy"],
    ]);
    return [reproductionVerdict(entry, both, micro), ...numbers.map(({ agrees }) => agrees)];
  };
  const tested = (counts: number[]) => withTestCorrect(reproduction.fresh, counts);
  const steady = [1503, 1508, 1496];
  const refitted = reproduction.fresh.map((run) => ({
    ...run,
    controls: {
      ...run.controls!,
      refit: run.controls!.refit.map((refit) => ({
        ...refit,
        redraws: refit.redraws.map(() => 1000),
      })),
    },
  }));
  expect(verdict(steady, reproduction.fresh)).toEqual(["agree", true, true, true]);
  expect(verdict(steady, tested([4000, 4500, 5000]))).toEqual(["inconclusive", true, true, null]);
  expect(verdict(steady, tested([6000, 6001, 6002]))).toEqual(["disagree", true, true, false]);
  expect(verdict(steady, refitted)).toEqual(["disagree", true, false, true]);
  expect(verdict([1640, 1650, 1645], tested([4000, 4500, 5000]))).toEqual([
    ...["disagree", false, true, null],
  ]);
});

test("a single fresh run neither agrees nor disagrees: nothing tells how far it spreads", () => {
  const fresh = reproduction.fresh.slice(0, 1);
  expect(reproductionVerdict(result, { fresh }, micro)).toBe("inconclusive");
  expect(reproducedNumbers(result, { fresh }, micro)[0]).toMatchObject({
    difference: null,
    tooNoisy: true,
  });
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
