import fc from "fast-check";
import { expect, test } from "vitest";
import { paddedDomain, placeLabels, spread } from "../../site/charts/plot.ts";

const frame = { left: 40, right: 800, top: 0, bottom: 450 };
const anchor = fc.record({
  x: fc.double({ min: 45, max: 790, noNaN: true }),
  y: fc.double({ min: 10, max: 440, noNaN: true }),
  text: fc.string({ minLength: 1, maxLength: 30 }),
});

test("names stay inside the frame and never cover each other", () => {
  fc.assert(
    fc.property(fc.array(anchor, { maxLength: 30 }), (anchors) => {
      const boxes = placeLabels(anchors, frame).flatMap((place, i) =>
        place === null ? [] : [{ ...place, right: place.x + 6.1 * anchors[i]!.text.length }],
      );
      for (const [i, a] of boxes.entries()) {
        expect(a.x).toBeGreaterThanOrEqual(frame.left);
        expect(a.right).toBeLessThanOrEqual(frame.right);
        for (const b of boxes.slice(i + 1))
          expect(a.right <= b.x || b.right <= a.x || Math.abs(a.y - b.y) >= 12.99).toBe(true);
      }
    }),
  );
});

test("a lone name goes to the right, and off the interval when it can", () => {
  const at = { x: 100, y: 100, text: "none" };
  expect(placeLabels([at], frame)[0]!.y).toBe(100);
  const bar = { left: 60, right: 160, top: 99, bottom: 101 };
  expect(placeLabels([at], frame, [bar])[0]!.y).not.toBe(100);
});

test("names at the ends of lines are moved apart, keep their order and stay above the axis", () => {
  const heights = fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { maxLength: 8 });
  fc.assert(
    fc.property(heights, (positions) => {
      const moved = spread(positions, 13, 200);
      const order = positions.map((_, i) => i).sort((a, b) => positions[a]! - positions[b]!);
      for (const [k, i] of order.entries()) {
        expect(moved[i]).toBeLessThanOrEqual(200 + 1e-9);
        if (k > 0) expect(moved[i]! - moved[order[k - 1]!]!).toBeGreaterThanOrEqual(13 - 1e-9);
      }
    }),
  );
});

test("lines that end far apart keep their names where they end", () => {
  expect(spread([10, 100, 50], 13, 200)).toEqual([10, 100, 50]);
});

test("an axis reaches to zero unless that would squeeze the points together", () => {
  expect(paddedDomain([0.1, 0.5])[0]).toBe(0);
  expect(paddedDomain([0.4, 0.5])[0]).toBeGreaterThan(0.35);
  expect(paddedDomain([-0.01, 0.5])[0]).toBeLessThan(-0.01);
  expect(paddedDomain([])).toEqual([0, 1]);
});
