import { expect, test } from "vitest";
import { percent, percentInterval } from "../../site/charts/percent.ts";
import { about } from "./rows.ts";

test("a share is written in percent, with a true minus and without a negative zero", () => {
  expect(percent(0.4125)).toBe("41.3");
  expect(percent(-0.051)).toBe("−5.1");
  expect(percent(-0.0001)).toBe("0.0");
});

test("what was not measured is a dash", () => {
  expect([percent(null), percent(NaN), percentInterval(null)]).toEqual(["–", "–", "–"]);
});

test("a mean carries half the width of its interval, a single value none", () => {
  expect(percentInterval(about(0.5, 0.012))).toBe("50.0 ± 1.2");
  expect(percentInterval(about(0.5, null))).toBe("50.0");
});
