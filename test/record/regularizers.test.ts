import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RecordError } from "../../record/problem.ts";
import {
  NO_REGULARIZERS,
  type Regularizers,
  formatRegularizers,
  parseRegularizers,
} from "../../record/regularizers.ts";

const canonical = (text: string) => formatRegularizers(parseRegularizers(text));

test("every field is read into its own place", () => {
  expect(
    parseRegularizers(
      "canary=25,noise=0.2,rl=10:confusion@2,sam=.05,cutmix=1,mixup=0.2,cutout=16,aug,ls=0.1,dropout=.5,wd=0.0050",
    ),
  ).toEqual({
    recipe: false,
    weightDecay: 0.005,
    dropout: 0.5,
    labelSmoothing: 0.1,
    augment: true,
    custom: null,
    cutout: 16,
    mixup: 0.2,
    cutmix: 1,
    sam: 0.05,
    randomLabel: { lambda: 10, form: "confusion", tap: 2 },
    noise: 0.2,
    canary: 25,
  });
});

test.each([
  ["none", "none"],
  ["NONE", "none"],
  ["rl=0", "none"],
  ["rl=0:reversal@2", "none"],
  ["wd=0,dropout=0.0", "none"],
  ["wd=.0050", "wd=0.005"],
  ["wd=5e-3", "wd=0.005"],
  ["wd=1e-7", "wd=1e-7"],
  ["rl=10:log1m", "rl=10"],
  ["rl=10.00@1", "rl=10@1"],
  ["rl=1e3:reversal", "rl=1000:reversal"],
  ["dropout=0.5, wd=0.005", "wd=0.005,dropout=0.5"],
  ["rl=10,dropout=.5,recipe", "recipe,dropout=0.5,rl=10"],
  [
    "canary=1,noise=1,rl=1,sam=1,cutmix=1,mixup=1,cutout=1,aug,ls=.1,dropout=.1,wd=1",
    "wd=1,dropout=0.1,ls=0.1,aug,cutout=1,mixup=1,cutmix=1,sam=1,rl=1,noise=1,canary=1",
  ],
])("%s is written %s", (text, written) => {
  expect(canonical(text)).toBe(written);
  expect(canonical(written)).toBe(written);
});

test("suppression of no strength has neither form nor tap", () => {
  expect(parseRegularizers("rl=0:reversal@2")).toEqual(NO_REGULARIZERS);
});

const share = (max: number) => fc.double({ min: 0, max, noNaN: true }).map(Math.abs);
const anyRegularizers: fc.Arbitrary<Regularizers> = fc
  .record({
    recipe: fc.boolean(),
    weightDecay: share(1),
    dropout: share(0.95),
    labelSmoothing: share(0.95),
    augment: fc.boolean(),
    cutout: fc.integer({ min: 0, max: 224 }),
    mixup: share(10),
    cutmix: share(10),
    sam: share(10),
    randomLabel: fc.oneof(
      fc.constant(NO_REGULARIZERS.randomLabel),
      fc.record({
        lambda: fc.double({ min: 1e-300, max: 10_000, noNaN: true }),
        form: fc.constantFrom("log1m", "confusion", "reversal"),
        tap: fc.option(fc.integer({ min: 1, max: 64 })),
      }),
    ),
    noise: share(1),
    canary: fc.integer({ min: 0, max: 10_000 }),
    custom: fc.option(
      fc.record({
        name: fc.constantFrom("decov", "my-reg-2"),
        digest: fc.constantFrom("0123abcd", "ffffffff"),
        strength: fc.double({ min: 1e-300, max: 10_000, noNaN: true }),
      }),
    ),
  })
  .map((all) => (all.recipe ? { ...all, weightDecay: 0, augment: false, cutout: 0 } : all));

test("every set of regularizers survives being written and read", () => {
  fc.assert(
    fc.property(anyRegularizers, (regularizers) => {
      expect(parseRegularizers(formatRegularizers(regularizers))).toEqual(regularizers);
    }),
  );
});

describe("what is not allowed is refused with what is", () => {
  test.each([
    ["dropuot=0.5", "did you mean dropout?"],
    ["weight=0.5", "no such regularizer (none, or of recipe, wd, dropout"],
    ["", "(nothing): no such regularizer"],
    ["wd=0.1,", "(nothing): no such regularizer"],
    ["wd", "wd: write wd=0.005"],
    ["wd=", "wd=: write wd=0.005"],
    ["wd=-0.1", "0 to 1"],
    ["wd=0x10", "0 to 1"],
    ["wd=Infinity", "0 to 1"],
    ["wd=NaN", "0 to 1"],
    ["dropout=0.96", "0 to 0.95"],
    ["cutout=1.5", "whole pixels"],
    ["canary=0.5", "in whole numbers"],
    ["aug=1", "aug=1: write aug ("],
    ["rl=10:confuse", "rl=10[:log1m|confusion|reversal][@TAP]"],
    ["rl=10:", "rl=10[:log1m|confusion|reversal][@TAP]"],
    ["rl=10@0", "rl=10[:log1m|confusion|reversal][@TAP]"],
    ["rl=10@last", "rl=10[:log1m|confusion|reversal][@TAP]"],
    ["rl=@2", "rl=10[:log1m|confusion|reversal][@TAP]"],
    ["wd=0.1,wd=0.2", "wd is given twice"],
    ["none,wd=0.1", "none stands alone"],
    ["recipe,cutout=8", "recipe already sets it"],
    ["constructor=1", "no such regularizer"],
  ])("%s: %s", (text, message) => {
    expect(() => parseRegularizers(text)).toThrow(RecordError);
    expect(() => parseRegularizers(text)).toThrow(message);
  });
});

test("every bad item is named, not just the first", () => {
  const problems = (() => {
    try {
      parseRegularizers("wd=2,dropuot=0.5,ls=0.1,rl=x");
    } catch (error) {
      return (error as RecordError).problems;
    }
    return [];
  })();
  expect(problems.map(({ found, code }) => [found, code])).toEqual([
    ["wd=2", "form"],
    ["dropuot=0.5", "unknown-regularizer"],
    ["rl=x", "form"],
  ]);
});
