import { describe, expect, test } from "vitest";
import { resultNotes, isNearDuplicate } from "../../../record/board/notes.ts";
import { Note } from "../../../record/board/board-row.ts";
import type { Run } from "../../../record/run.ts";
import type { Result } from "../../../record/statement/statements.ts";
import { aResult } from "../../world/statements.ts";
import { micro, withFinal } from "../../world/runs.ts";
import { findProtocol } from "../../../record/protocols.ts";
import { seededRandom } from "../../../record/statistics/kendall-tau.ts";

/** Times and losses of a real machine: no two alike, the rate what the seconds make it. */
function lifelike(run: Run, place: number): Run {
  const random = seededRandom(place + 1);
  const [trainSeconds, evaluateSeconds, controlSeconds] = [
    9 + 2 * random(),
    1 + random(),
    2 + random(),
  ];
  const seen = run.epochs.reduce((sum, epoch) => sum + epoch.seen, 0);
  const imagesPerSecond = seen / trainSeconds;
  return {
    ...run,
    final: run.final && {
      ...run.final,
      trainLossSum: 1250 + 20 * random(),
      testLossSum: 17_000 + 99 * random(),
    },
    heads:
      run.heads && run.heads.map((head) => ({ ...head, lossSum: head.lossSum + 20 * random() })),
    timing: { ...run.timing, trainSeconds, evaluateSeconds, controlSeconds, imagesPerSecond },
  };
}

function aLifelikeResult(): Result {
  const result = aResult();
  return {
    ...result,
    panel: result.panel.map(lifelike),
    fresh: result.fresh.map((run, i) => lifelike(run, i + 5)),
  };
}
const honest = aLifelikeResult();
const kinds = (result: Result) => resultNotes(result, micro).map(({ kind }) => kind);
const withRun = (change: (run: Run) => Partial<Run>, result = honest): Result => {
  const [first, ...rest] = result.panel;
  return { ...result, panel: [{ ...first!, ...change(first!) }, ...rest] };
};
const timed = (timing: Partial<Run["timing"]>) =>
  withRun((run) => ({ timing: { ...run.timing, ...timing } }));

test("a result as machines make them has no notes", () => {
  expect(resultNotes(honest, micro)).toEqual([]);
});

test("a checkout with changed files is noted, a clean one and none are not", () => {
  const from = (git: Result["harness"]["git"]) => ({
    ...honest,
    harness: { ...honest.harness, git },
  });
  const commit = "c".repeat(40);
  expect(resultNotes(from({ commit, dirty: true }), micro)).toEqual([
    {
      kind: "dirty-checkout",
      text: "The harness ran from a checkout of commit cccccccccccc with changed files.",
      entry: null,
    },
  ]);
  expect(kinds(from(null))).toEqual([]);
});

describe("panel minus fresh", () => {
  const testing = (panel: number[], fresh: number[]): Result => {
    const give = (runs: Run[], counts: number[]) =>
      runs.map((run, i) => ({ ...run, final: { ...run.final!, testCorrect: counts[i]! } }));
    return { ...honest, panel: give(honest.panel, panel), fresh: give(honest.fresh, fresh) };
  };

  const withFinals = (result: Result, panel: number[], fresh: number[]): Result => {
    const give = (runs: Run[], counts: number[]) =>
      runs.map((run, i) => withFinal(run, { tap: 2, n: 100 }, [counts[i]!, counts[i]!]));
    return { ...result, panel: give(result.panel, panel), fresh: give(result.fresh, fresh) };
  };

  test("is noted when its interval at .01/3 leaves out zero", () => {
    const notes = resultNotes(testing([5000, 5010, 4990, 5005, 4995], [4500, 4520, 4490]), micro);
    expect(notes.map((note) => Note.parse(note).kind)).toEqual(["panel-minus-fresh"]);
    // SciPy: Welch's interval with stats.t.ppf(1 - .01/6, df)
    expect(notes[0]!.text).toBe(
      "Panel minus fresh: the test accuracy differs by 4.97 points (99.7 % interval 4.00 to 5.93). " +
        "By chance alone at most about one entry in a hundred has such a difference in any of these 3 quantities.",
    );
  });

  test("is noted of learned complexity and capacity as well", () => {
    const learned = withFinals(honest, [2000, 2002, 2004, 2001, 2003], [1950, 1953, 1951]);
    expect(resultNotes(learned, micro).map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Panel minus fresh: the learned complexity differs by 2\.05 points/),
    ]);
    const refitted = honest.panel.map((run, i) => ({
      ...run,
      controls: {
        ...run.controls!,
        refit: run.controls!.refit.map((refit) => {
          return { ...refit, redraws: refit.redraws.map((count) => count - 200 + i) };
        }),
      },
    }));
    expect(resultNotes({ ...honest, panel: refitted }, micro).map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Panel minus fresh: the capacity differs by -/),
    ]);
  });

  test("is not noted when chance can explain it, or without fresh runs", () => {
    expect(kinds(testing([5000, 5100, 4900, 5050, 4950], [4950, 5010, 4890]))).toEqual([]);
    // a 95 % interval alone would be .13 to .67 points
    expect(kinds(testing([5000, 5010, 4990, 5005, 4995], [4945, 4970, 4965]))).toEqual([]);
    expect(kinds({ ...honest, fresh: [] })).toEqual([]);
  });
});

describe("repeated fractions", () => {
  test("of seconds and of losses are noted", () => {
    const [first] = honest.panel;
    const shifted = honest.panel.map((run, i) => ({
      ...run,
      timing: {
        ...run.timing,
        evaluateSeconds: first!.timing.evaluateSeconds + i,
        controlSeconds: first!.timing.controlSeconds + 2 * i,
      },
    }));
    expect(kinds({ ...honest, panel: shifted })).toEqual(["repeated-fractions"]);
    const copied = honest.panel.map((run, i) => ({
      ...run,
      heads: first!.heads!.map((head) => ({ ...head, lossSum: head.lossSum + 3 * i })),
    }));
    const [note] = resultNotes({ ...honest, panel: copied }, micro);
    expect(note!.text).toMatch(
      /^Loss sums share six decimal places .* in \d+ of \d+ pairs, where chance/,
    );
  });

  test("are noted for whole numbers", () => {
    const whole = aResult();
    expect(kinds(whole).filter((kind) => kind === "repeated-fractions").length).toBe(2);
  });

  test("are not those of steady machines, whose seconds are near without being equal", () => {
    const panel = honest.panel.map((run, i) => {
      const [evaluateSeconds, controlSeconds] = [1.25 + i * 1e-8, 2.5 + i * 1e-8];
      return { ...run, timing: { ...run.timing, evaluateSeconds, controlSeconds } };
    });
    expect(kinds({ ...honest, panel })).toEqual([]);
  });

  test("one pair of a thousand is chance", () => {
    const { evaluateSeconds } = honest.panel[1]!.timing;
    expect(kinds(timed({ evaluateSeconds: evaluateSeconds + 3 }))).toEqual([]);
  });
});

describe("wall time", () => {
  const text = (result: Result) => {
    const notes = resultNotes(result, micro);
    expect(notes.map((note) => Note.parse(note).kind)).toEqual(["wall-time"]);
    return notes[0]!.text;
  };

  test("that its own rate contradicts is noted", () => {
    const { imagesPerSecond } = honest.panel[0]!.timing;
    expect(text(timed({ imagesPerSecond: 1.02 * imagesPerSecond }))).toContain(
      "panel run 1 saw 75000 images, not the 76500",
    );
    expect(kinds(timed({ imagesPerSecond: 1.005 * imagesPerSecond }))).toEqual([]);
  });

  test("no machine of that kind can reach is noted", () => {
    // 4 x 1,841,162 weights x 75,000 images on two processors: 0.72 s at the very least
    const rate = (trainSeconds: number) => ({
      trainSeconds,
      imagesPerSecond: 75_000 / trainSeconds,
    });
    expect(text(timed(rate(0.7)))).toContain("needs 0.72 s for");
    expect(kinds(timed(rate(0.75)))).toEqual([]);
    const cuda = { ...timed(rate(0.7)), engine: { ...honest.engine, device: "cuda" as const } };
    expect(text(cuda)).toBe("Times and hardware: cuda without a GPU.");
    expect(kinds({ ...cuda, machine: { ...honest.machine, gpus: ["A GPU"] } })).toEqual([]);
  });

  test("of nothing at all is noted", () => {
    expect(text(timed({ controlSeconds: 0 }))).toContain("took no time for a part of its work");
  });

  test("longer than the seed was known is noted", () => {
    const [first, ...rest] = honest.fresh;
    const long = { ...first!, timing: { ...first!.timing, controlSeconds: 8 * 86_400 } };
    expect(text({ ...honest, fresh: [long, ...rest] })).toContain("longer than the 7 days");
  });
});

describe("a near duplicate", () => {
  const near = (a: string, b: string, arch = "mlp-512") =>
    isNearDuplicate({ arch: "mlp-512", regs: a }, { arch, regs: b });

  test.each([
    ["wd=0.005", "wd=0.0050001"],
    ["wd=0.005,dropout=0.5", "wd=0.00499,dropout=0.501"],
    ["rl=10", "rl=10.05"],
    ["rl=10:confusion@1", "rl=10.05:confusion@1"],
    ["cutout=200", "cutout=201"],
  ])("%s is one of %s", (a, b) => {
    expect(near(a, b)).toBe(true);
    expect(near(b, a)).toBe(true);
    expect(near(a, b, "mlp-513")).toBe(false);
  });

  test.each([
    ["wd=0.005", "wd=0.005"],
    ["wd=0.005", "wd=0.0051"],
    ["wd=0.005", "none"],
    ["wd=0.005", "wd=0.0050001,aug"],
    ["wd=0.005,dropout=0.5", "wd=0.0050001,dropout=0.6"],
    ["rl=10", "rl=10.05:confusion"],
    ["rl=10", "rl=10.05@1"],
    ["recipe", "none"],
  ])("%s is none of %s", (a, b) => {
    expect(near(a, b)).toBe(false);
    expect(near(b, a)).toBe(false);
  });

  test("of the recipe is known where the protocol says what that is", () => {
    const protocol = findProtocol("cifar10-1");
    const { weightDecay, cutout } = protocol.recipe!;
    const regs = `wd=${1.001 * weightDecay},aug${cutout > 0 ? `,cutout=${cutout}` : ""}`;
    const [a, b] = [
      { arch: "vgg-11", regs: "recipe" },
      { arch: "vgg-11", regs },
    ];
    expect(isNearDuplicate(a, b, protocol)).toBe(true);
    expect(isNearDuplicate(a, b)).toBe(false);
  });
});
