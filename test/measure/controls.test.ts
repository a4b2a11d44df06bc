import { afterAll, expect, test } from "vitest";
import { ControlMeter, type TapFeatures, controlPlan } from "../../harness/measure/controls.ts";
import { Controls } from "../../record/run.ts";
import { protocols } from "../../record/protocols.ts";
import { gaussianCloud, uniformLabels } from "./synthetic.ts";

const m = 300;
const meter = new ControlMeter();
afterAll(() => meter.close());

const plan = controlPlan(protocols["micro-1"]!);
const labels = (n: number) => uniformLabels(m, n, 5);
const cloud = (tap: number, D: number, seed: number): TapFeatures => ({
  tap,
  values: gaussianCloud(m, D, seed),
});
const features = [cloud(1, 8, 1), cloud(2, 24, 2)];
const frozen = [cloud(1, 8, 3), cloud(2, 24, 4)];
const places = (entries: { tap: number; n: number }[]) => entries.map(({ tap, n }) => [tap, n]);

test("a run's controls cover the headline at every tap, and every label space at the last", () => {
  const controls = Controls.parse(meter.measure(plan, { samples: m, features, frozen, labels }));
  const expected = [
    [1, 100],
    [2, 2],
    [2, 10],
    [2, 100],
    [2, 1000],
  ];
  expect(places(controls.refit)).toEqual(expected);
  expect(places(controls.frozen)).toEqual(expected);
  expect(places(controls.null)).toEqual(expected);
  expect(controls.spectrum.ridge.map(({ l }) => l)).toEqual([1e-4, 1e-3, 1e-2, 1e-1]);
});

test("refit and frozen are the same measure of two trunks", () => {
  const one = meter.measure(plan, { samples: m, features, frozen, labels });
  const other = meter.measure(plan, { samples: m, features: frozen, frozen: features, labels });
  expect(one.refit).toEqual(other.frozen);
  expect(one.frozen).toEqual(other.refit);
  expect(one.refit).not.toEqual(one.frozen);
});

test("the null counts the mean as a direction: its own width, and the ridge dimension", () => {
  const {
    null: [first, ...rest],
    spectrum,
  } = meter.measure(plan, {
    samples: m,
    features,
    frozen,
    labels,
  });
  expect(first!.h).toBe(9 / m);
  const { dimension } = spectrum.ridge[1]!;
  for (const { h, ridgeH, accuracy, ridgeAccuracy, n } of rest) {
    expect([h, ridgeH]).toEqual([25 / m, (dimension + 1) / m]);
    expect(accuracy).toBeGreaterThan(1 / n);
    expect(ridgeAccuracy).toBeLessThan(accuracy);
  }
});

test("a label space above the protocol's largest is not refitted", () => {
  const imagenet = controlPlan(protocols["imagenet-1"]!);
  expect([imagenet.headline, imagenet.labelSpaces]).toEqual([1000, [1000]]);
});
