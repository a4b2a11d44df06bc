import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  ControlMeter,
  type TapFeatures,
  binned,
  measuredCloud,
  nullRungs,
} from "../../harness/measure/controls.ts";
import { Ridge, inMemory } from "../../harness/measure/ridge.ts";
import {
  npyBytes,
  saveFeatures,
  saveCanaries,
  savePerSample,
  saveSampleIndex,
  writeNpy,
} from "../../harness/measure/save.ts";
import { controlPlaces } from "../../record/head-places.ts";
import { protocols } from "../../record/protocols.ts";
import { parseRegularizers } from "../../record/regularizers.ts";
import {
  cloudOfSpectrum,
  cloudOfWidth,
  nullAccuracy,
} from "../../record/statistics/null-accuracy.ts";
import { Controls } from "../../record/run.ts";
import { gaussianCloud, uniformLabels } from "./synthetic.ts";

const m = 300;
const meter = new ControlMeter();
afterAll(() => meter.close());

const micro = protocols["micro-1"]!;
const cloud = (tap: number, D: number, seed: number): TapFeatures => ({
  tap,
  values: gaussianCloud(m, D, seed),
});
const features = [cloud(1, 8, 1), cloud(2, 24, 2)];
const frozen = [cloud(1, 8, 3), cloud(2, 24, 4)];
const places = (entries: { tap: number; n: number }[]) => entries.map(({ tap, n }) => [tap, n]);
const request = (regs = "none") => ({
  samples: m,
  features,
  frozen,
  told: (n: number) => uniformLabels(m, n, 1000),
  redraw: (n: number, k: number) => uniformLabels(m, n, k),
  regularizers: parseRegularizers(regs),
});

test("a run's controls cover the headline at every tap, and every label space at the last", () => {
  const controls = Controls.parse(meter.measure(micro, request()));
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
  expect(controls.refit.map(({ redraws, told }) => [redraws.length, told !== null])).toEqual([
    [8, false],
    [8, false],
    [8, false],
    [99, true],
    [8, false],
  ]);
  expect(controls.frozen.every(({ redraws }) => redraws.length === 8)).toBe(true);
  expect(controls.spectrum.ridge.map(({ l }) => l)).toEqual([1e-4, 1e-3, 1e-2, 1e-1]);
});

test("the tap that rl= acts on is asked for the told labelling, too", () => {
  const { refit } = meter.measure(micro, request("rl=1@1"));
  const [first] = refit;
  expect([first!.tap, first!.n, first!.redraws.length]).toEqual([1, 100, 99]);
  expect(first!.told).not.toBeNull();
});

test("told and redrawn labels are counted by the labelling that they are", () => {
  const { refit } = meter.measure(micro, request());
  const ridge = new Ridge(micro.measures.refit.penalty);
  ridge.factorise(inMemory(features[1]!.values, m));
  const correct = (seed: number) => ridge.correct(100, [() => uniformLabels(m, 100, seed)])[0];
  const { told, redraws } = refit.find(({ tap, n }) => tap === 2 && n === 100)!;
  expect([told, redraws[0], redraws[98]]).toEqual([correct(1000), correct(0), correct(98)]);
  ridge.close();
});

test("refit and frozen are the same measure of two trunks", () => {
  const one = meter.measure(micro, request());
  const other = meter.measure(micro, { ...request(), features: frozen, frozen: features });
  const fresh = ({ refit }: Controls) =>
    refit.map(({ tap, n, redraws }) => ({ tap, n, redraws: redraws.slice(0, 8) }));
  expect(fresh(one)).toEqual(other.frozen);
  expect(one.frozen).toEqual(fresh(other));
  expect(fresh(one)).not.toEqual(one.frozen);
});

test("the rungs of the null are those of the width, the spectrum and the leverages", () => {
  const controls = meter.measure(micro, request());
  const ridge = new Ridge(1e-3);
  ridge.factorise(inMemory(features[1]!.values, m));
  const spectrum = cloudOfSpectrum(ridge.eigenvalues(), 1e-3, m);
  const leverages = binned(ridge.diagonals());
  ridge.close();
  expect(controls.null.slice(1)).toEqual(
    [2, 10, 100, 1000].map((n) => ({
      tap: 2,
      n,
      width: 24,
      counts: nullAccuracy(m, n, cloudOfWidth(24, m)),
      spectrum: nullAccuracy(m, n, spectrum),
      leverages: nullAccuracy(m, n, leverages),
    })),
  );
});

test("more features than samples, and features that never vary, have controls", () => {
  const wide = { ...cloud(1, m + 50, 5), tap: 1 };
  const flat = { tap: 2, values: new Float32Array(m * 3).fill(0.1) };
  const both = { ...request(), features: [wide, flat], frozen: [wide, flat] };
  const { refit, null: rungs, spectrum } = Controls.parse(meter.measure(micro, both));
  expect(refit[0]!.redraws).toEqual(Array(8).fill(m));
  expect(rungs[0]!.counts).toBeCloseTo(1, 9);
  expect(rungs[0]!.leverages).toBeGreaterThan(0.99);
  const commonest = (k: number) => {
    const counts = Array<number>(10).fill(0);
    for (const label of uniformLabels(m, 10, k)) counts[label]!++;
    return Math.max(...counts);
  };
  const ten = refit.find(({ tap, n }) => tap === 2 && n === 10)!;
  expect(ten.redraws).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map(commonest));
  expect(spectrum.effectiveRank).toBe(0);
});

/** Ridge regression in NumPy on 50 and 60 seeded clouds of 2,500 points of width 64, two labellings each. */
test.each([
  {
    what: "half of whose points lie three times as far out",
    scale: 3,
    n: 100,
    mean: 0.19868,
    error: 0.00068,
  },
  { what: "whose labels have 2.5 samples each", scale: 1, n: 1000, mean: 0.78781, error: 0.00134 },
])("the leverages tell what a cloud gives, $what, where the spectrum does not", (cloud) => {
  const { scale, n, mean, error } = cloud;
  const [m, D] = [2500, 64];
  const values = gaussianCloud(m, D, 8).map((x, i) => (i < (m * D) / 2 ? scale * x : x));
  const ridge = new Ridge(1e-3);
  ridge.factorise(inMemory(values, m));
  const { spectrum, leverages } = nullRungs(
    measuredCloud(ridge, m, ridge.eigenvalues(), 1e-3),
    n,
    D,
  );
  ridge.close();
  expect(Math.abs(leverages - mean)).toBeLessThan(0.006 + 2 * error);
  expect(Math.abs(spectrum - mean)).toBeGreaterThan(0.006 + 2 * error);
});

test("bins are as equal as can be, in the order of the leverages; fewer samples are as many bins", () => {
  const own = Float64Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) / 100);
  const square = own.map((x) => x / 2);
  const bins = binned({ own, square });
  expect(bins).toHaveLength(40);
  expect(bins.map(({ share }) => Math.round(share * 100)).slice(0, 4)).toEqual([2, 3, 2, 3]);
  expect(bins[1]!.own).toBeCloseTo(0.03, 12);
  expect(bins[1]!.square).toBeCloseTo(0.015, 12);
  const few = binned({ own: Float64Array.of(0.3, 0.1), square: Float64Array.of(0.2, 0.05) });
  expect(few).toEqual([
    { share: 0.5, own: 0.1, square: 0.05 },
    { share: 0.5, own: 0.3, square: 0.2 },
  ]);
});

test("a label space above the protocol's largest is not refitted, unless it is the headline", () => {
  const imagenet = protocols["imagenet-1"]!;
  expect(imagenet.headline).toBe(30_000);
  expect(places(controlPlaces(imagenet, 2, parseRegularizers("none")))).toEqual([
    [1, 30_000],
    [2, 1000],
    [2, 30_000],
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

test("which canary took a row's place is saved, and -1 where none did", () => {
  saveCanaries(folder, 3, new Map([[1, 2]]));
  expect(values("canaries.npy")).toEqual([255, 255, 255, 255, 2, 0, 0, 0, 255, 255, 255, 255]);
});
