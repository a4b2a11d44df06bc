import { describe, expect, test } from "vitest";
import { resultNotes } from "../../../record/board/notes.ts";
import { Note } from "../../../record/board/board-row.ts";
import type { Result } from "../../../record/statement/statements.ts";
import { micro } from "../../world/runs.ts";
import { honest, kinds, timed } from "./lifelike-result.ts";

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
