import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ControlMeter, type TapFeatures } from "../../harness/measure/controls.ts";
import {
  npyBytes,
  saveFeatures,
  savePerSample,
  saveSampleIndex,
  writeNpy,
} from "../../harness/measure/save.ts";
import { controlPlaces } from "../../record/head-places.ts";
import { protocols } from "../../record/protocols.ts";
import { Controls } from "../../record/run.ts";
import { gaussianCloud, uniformLabels } from "./synthetic.ts";

const m = 300;
const meter = new ControlMeter();
afterAll(() => meter.close());

const micro = protocols["micro-1"]!;
const labels = (n: number) => uniformLabels(m, n, 5);
const cloud = (tap: number, D: number, seed: number): TapFeatures => ({
  tap,
  values: gaussianCloud(m, D, seed),
});
const features = [cloud(1, 8, 1), cloud(2, 24, 2)];
const frozen = [cloud(1, 8, 3), cloud(2, 24, 4)];
const places = (entries: { tap: number; n: number }[]) => entries.map(({ tap, n }) => [tap, n]);

test("a run's controls cover the headline at every tap, and every label space at the last", () => {
  const controls = Controls.parse(meter.measure(micro, { samples: m, features, frozen, labels }));
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
  const one = meter.measure(micro, { samples: m, features, frozen, labels });
  const other = meter.measure(micro, { samples: m, features: frozen, frozen: features, labels });
  expect(one.refit).toEqual(other.frozen);
  expect(one.frozen).toEqual(other.refit);
  expect(one.refit).not.toEqual(one.frozen);
});

test("the null counts the mean as a direction: its own width, and the ridge dimension", () => {
  const {
    null: [first, ...rest],
    spectrum,
  } = meter.measure(micro, {
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
  const imagenet = protocols["imagenet-1"]!;
  expect(imagenet.headline).toBe(1000);
  expect(places(controlPlaces(imagenet, 2))).toEqual([
    [1, 1000],
    [2, 1000],
  ]);
});

const folder = mkdtempSync(join(tmpdir(), "rademark-save-"));
afterAll(() => rmSync(folder, { recursive: true }));

const fixture = (name: string) =>
  readFileSync(new URL(`../probe/fixtures/${name}.npy`, import.meta.url));
const written = (name: string) => readFileSync(join(folder, name));
/** The values behind the 128 bytes of header. */
const values = (name: string) => [...written(name).subarray(128)];

test("arrays are written byte for byte as NumPy writes them", () => {
  const matrix = [1.5, -2, 0.25, 65504, 6e-8, -0];
  expect(npyBytes(Float32Array.from(matrix), [2, 3])).toEqual(new Uint8Array(fixture("f4")));
  expect(npyBytes(Float64Array.from(matrix), [2, 3])).toEqual(new Uint8Array(fixture("f8")));
  expect(npyBytes(Int32Array.of(0, 100, 1, 7), [4])).toEqual(new Uint8Array(fixture("i4")));
  expect(npyBytes(Uint8Array.of(0, 100, 1, 7), [4])).toEqual(new Uint8Array(fixture("u1")));
});

test("values that do not fill their shape are a bug", () => {
  expect(() => npyBytes(new Float32Array(5), [2, 3])).toThrow("do not fill");
});

test("features are saved tap by tap, a view of a larger array included", () => {
  const all = Float32Array.of(9, 1, 2, 3, 4);
  const names = saveFeatures(folder, 2, [
    { tap: 1, values: Float32Array.of(1, 2) },
    { tap: 3, values: all.subarray(1) },
  ]);
  expect(names).toEqual(["features-tap1.npy", "features-tap3.npy"]);
  writeNpy(join(folder, "expected.npy"), Float32Array.of(1, 2, 3, 4), [2, 2]);
  expect(written("features-tap3.npy")).toEqual(written("expected.npy"));
});

test("a byte per sample and head tells class and random label apart, and the index names its columns", () => {
  const heads = [
    { tap: 1, n: 10, draw: 0 },
    { tap: 1, n: 10, draw: 1 },
  ];
  savePerSample(folder, {
    classCorrect: Uint8Array.of(1, 0, 1),
    heads,
    randomLabelCorrect: [Uint8Array.of(0, 0, 1), Uint8Array.of(1, 1, 0)],
  });
  expect(values("per-sample.npy")).toEqual([1, 3, 0, 2, 3, 1]);
  expect(written("per-sample.npy").toString("latin1")).toContain("'shape': (3, 2)");
  expect(JSON.parse(written("per-sample.json").toString())).toEqual({
    bits: { classCorrect: 1, randomLabelCorrect: 2 },
    columns: heads,
  });
});

test("every row's place in the official training set is saved", () => {
  saveSampleIndex(folder, Int32Array.of(4, 70_000));
  expect(values("sample-index.npy")).toEqual([4, 0, 0, 0, 0x70, 0x11, 1, 0]);
});
