import { expect, test } from "vitest";
import {
  type GridPoint,
  conditionalInformation,
  granulatedTau,
} from "../../../record/statistics/measure-dependence.ts";

/** Axes a and b of two values each; gaps 1, 2, 3, 4 at 00, 01, 10, 11. */
const grid = (measures: readonly number[]): GridPoint[] =>
  ["00", "01", "10", "11"].map((at, i) => ({
    coordinates: [...at],
    measure: measures[i]!,
    gap: i + 1,
  }));

test("a measure in the gap's order: every line and every set says all", () => {
  const same = grid([1, 2, 3, 4]);
  expect(granulatedTau(same, 2)).toEqual({ byAxis: [1, 1], psi: 1 });
  expect(conditionalInformation(same, 2)).toEqual({ share: 1, axes: [] });
});

// Along b the order is turned. Of 12 ordered pairs 8 agree and 4 do not: I = 1 - H(1/3) = .0817 bits of 1. Given a,
// within a = 0 and a = 1 each sign follows from the other, and between them the gap's is known: 1 of 1. Given b: (0,0)
// and (1,1) agree always; (0,1) has signs (-,+) twice, (-,-), (+,+): .8113 + .8113 - 1.5 = .1226 bits of .8113.
test("a measure turned along one axis: psi is 0, and the least share is that of no axis", () => {
  const turned = grid([2, 1, 4, 3]);
  expect(granulatedTau(turned, 2)).toEqual({ byAxis: [1, -1], psi: 0 });
  const found = conditionalInformation(turned, 2)!;
  expect(found.axes).toEqual([]);
  expect(found.share).toBeCloseTo(1 - (Math.log2(3) - 2 / 3), 12);
});

// The measure knows a alone, up to a trace of b that is right at a = 0 and wrong at a = 1: given a, within a = 0 signs
// agree and within a = 1 they do not, which says all; given b, (0,0) and (1,1) agree, (0,1) is 00-01 (-,-), 00-11 (-,-),
// 10-01 (+,+), 10-11 (-,+): .8113 + 1 - 1.5 = .3113 bits of .8113. Without a set: 10 of 12 agree, 1 - H(1/6) = .35.
test("the share of the set that leaves least is taken, and two axes that leave nothing are no set", () => {
  const found = conditionalInformation(grid([1, 2, 4, 3]), 2)!;
  const entropyOfSixth = -(1 / 6) * Math.log2(1 / 6) - (5 / 6) * Math.log2(5 / 6);
  expect(found.axes).toEqual([]);
  expect(found.share).toBeCloseTo(1 - entropyOfSixth, 12);
  // one value of a repeated: given b's two values the gap's order is open only between equal b
  const line = grid([4, 3, 2, 1]).slice(0, 2);
  expect(conditionalInformation(line, 2)).toEqual({ share: 1, axes: [] });
});

// Three values of one axis, measures against gaps 2-1-3: of the 6 ordered pairs 4 agree. Given the axis nothing is open.
test("given all coordinates nothing is open, and a tie is no pair", () => {
  const three = [2, 1, 3].map((measure, i) => ({ coordinates: [`${i}`], measure, gap: i }));
  expect(granulatedTau(three, 1).psi).toBeCloseTo(1 / 3, 12);
  const open = conditionalInformation(three, 1)!;
  expect(open.axes).toEqual([]);
  expect(open.share).toBeCloseTo(1 - (Math.log2(3) - 2 / 3), 12);
  const tied = three.map((point) => ({ ...point, measure: 1 }));
  expect(granulatedTau(tied, 1)).toEqual({ byAxis: [null], psi: null });
  expect(conditionalInformation(tied, 1)).toBeNull();
});

// Gap and measure both follow b, and nothing else: without a set the measure says all of what is not tied; an axis that
// carries both says nothing more once it is known. Here the measure is b's number and the gap b's number plus a trace of
// a, so given b only pairs of equal b are open, which tie in the measure and are left out: b is no set.
test("a set under which only ties are open is left out", () => {
  const points = ["00", "01", "10", "11"].map((at, i) => ({
    coordinates: [...at],
    measure: Number(at[1]),
    gap: Number(at[1]) + 0.1 * i,
  }));
  expect(granulatedTau(points, 2).byAxis).toEqual([null, 1]);
  expect(conditionalInformation(points, 2)).toEqual({ share: 1, axes: [] });
});

// Two of a (0, 1), two of b; the measure is a's, the gap's order a's as well but for 01 and 10 exchanged and more
// weight along a: given a the measure's sign between a's is known, so it says nothing of what is open.
test("given the axis that the measure repeats, it says nothing", () => {
  const points: GridPoint[] = [
    { coordinates: ["0", "0"], measure: 0, gap: 1 },
    { coordinates: ["0", "1"], measure: 0, gap: 3 },
    { coordinates: ["1", "0"], measure: 1, gap: 2 },
    { coordinates: ["1", "1"], measure: 1, gap: 4 },
  ];
  expect(conditionalInformation(points, 2)).toEqual({ share: 0, axes: [0] });
});
