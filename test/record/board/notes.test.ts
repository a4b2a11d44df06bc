import { describe, expect, test } from "vitest";
import { resultNotes } from "../../../record/board/notes.ts";
import { Note } from "../../../record/board/board-row.ts";
import type { Run } from "../../../record/run.ts";
import type { Result } from "../../../record/statement/statements.ts";
import { aResult } from "../../world/statements.ts";
import { micro } from "../../world/runs.ts";
import { honest, kinds, timed } from "./lifelike-result.ts";

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

  test("is noted when its interval leaves out zero", () => {
    const notes = resultNotes(testing([5000, 5010, 4990, 5005, 4995], [4500, 4520, 4490]), micro);
    expect(notes.map((note) => Note.parse(note).kind)).toEqual(["panel-minus-fresh"]);
    expect(notes[0]!.text).toMatch(
      /^Panel minus fresh: the test accuracy differs by 4\.97 points \(95 % interval 4\.\d\d to 5\.\d\d\)\./,
    );
  });

  test("is not noted when chance can explain it, or without fresh runs", () => {
    expect(kinds(testing([5000, 5100, 4900, 5050, 4950], [4950, 5010, 4890]))).toEqual([]);
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
    expect(note!.text).toMatch(/^Loss sums share six places .* in \d+ of \d+ pairs, where chance/);
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
