import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { randomCrop, shorterSideTo } from "../../harness/data/image-batches.ts";
import { uniformNumber } from "../../harness/random.ts";

const side = fc.integer({ min: 1, max: 3000 });
const seeded =
  (seed: number) =>
  (...words: number[]) =>
    uniformNumber(seed, ...words);

describe("a random crop", () => {
  it("always lies within the image", () => {
    fc.assert(
      fc.property(side, side, fc.integer(), (height, width, seed) => {
        const crop = randomCrop(height, width, seeded(seed));
        expect(crop.height).toBeGreaterThanOrEqual(1);
        expect(crop.width).toBeGreaterThanOrEqual(1);
        expect(crop.top).toBeGreaterThanOrEqual(0);
        expect(crop.left).toBeGreaterThanOrEqual(0);
        expect(crop.top + crop.height).toBeLessThanOrEqual(height);
        expect(crop.left + crop.width).toBeLessThanOrEqual(width);
      }),
    );
  });

  it("has 8 % to 100 % of the area, in shapes from 3:4 to 4:3, and fills both ranges", () => {
    const crops = Array.from({ length: 4000 }, (_, seed) => randomCrop(1000, 1000, seeded(seed)));
    const areas = crops.map(({ height, width }) => (height * width) / 1e6);
    const ratios = crops.map(({ height, width }) => width / height);
    expect(Math.min(...areas)).toBeGreaterThan(0.0795);
    expect(Math.min(...areas)).toBeLessThan(0.09);
    expect(Math.max(...areas)).toBeGreaterThan(0.95);
    expect(Math.min(...ratios)).toBeGreaterThan(0.748);
    expect(Math.min(...ratios)).toBeLessThan(0.76);
    expect(Math.max(...ratios)).toBeLessThan(1.337);
    expect(Math.max(...ratios)).toBeGreaterThan(1.32);
    // Uniform on [0.08, 1] up to 3/4, then rarer by -ln(area)/ln(4/3), the share of shapes that fit.
    const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
    expect(Math.abs(mean - 0.478)).toBeLessThan(0.02);
  });

  it("reaches every border", () => {
    const crops = Array.from({ length: 4000 }, (_, seed) => randomCrop(8, 8, seeded(seed)));
    expect(crops.some(({ top, height }) => top === 0 && height < 8)).toBe(true);
    expect(crops.some(({ top, height }) => top > 0 && top + height === 8)).toBe(true);
    expect(crops.some(({ left, width }) => left > 0 && left + width === 8)).toBe(true);
  });

  it("falls back to the centre of an image that is too narrow for any of its shapes", () => {
    expect(randomCrop(1000, 3, seeded(1))).toEqual({ top: 498, left: 0, height: 4, width: 3 });
    expect(randomCrop(2, 100, seeded(1))).toEqual({ top: 0, left: 48, height: 2, width: 3 });
  });
});

it("scales the shorter side, and rounds the longer one down", () => {
  expect(shorterSideTo(256, 375, 500)).toEqual([256, 341]);
  expect(shorterSideTo(256, 500, 375)).toEqual([341, 256]);
  expect(shorterSideTo(256, 100, 100)).toEqual([256, 256]);
  expect(shorterSideTo(256, 2999, 2999)).toEqual([256, 256]);
  fc.assert(
    fc.property(side, side, (height, width) => {
      expect(Math.min(...shorterSideTo(256, height, width))).toBe(256);
    }),
  );
});
