import { describe, expect, onTestFinished, test } from "vitest";
import { safetensorsParts } from "../../harness/engine/safetensors.ts";
import { UserError } from "../../harness/errors.ts";
import { ControlMeter } from "../../harness/measure/controls.ts";
import { npyBytes } from "../../harness/measure/save.ts";
import { ProbeDocument } from "../../harness/probe/probe-document.ts";
import { type ProbeOptions, runProbe } from "../../harness/probe/probe.ts";
import { formatProbe } from "../../harness/probe/probe-text.ts";
import { protocols } from "../../record/protocols.ts";
import { randomLabels } from "../../record/random-label.ts";
import { parseRegularizers } from "../../record/regularizers.ts";
import {
  cloudOfWidth,
  equivalentWidth,
  nullAccuracy,
} from "../../record/statistics/null-accuracy.ts";
import { naiveRidge } from "../measure/naive-ridge.ts";
import { gaussianCloud, toRows } from "../measure/synthetic.ts";
import { npyOf, safetensorsFile, temporaryFiles } from "./files.ts";

const write = temporaryFiles();
const [m, D] = [80, 6];

const cloud = gaussianCloud(m, D, 1);
const classes = Int32Array.from({ length: m }, (_, i) => [3, 7, 90][i % 3]!);
const features = write("train.npy", npyBytes(cloud, [m, D]));
const labels = write("y.npy", npyBytes(classes, [m]));
const testRows = gaussianCloud(20, D, 2);
const testFeatures = write("test.npy", npyBytes(testRows, [20, D]));

const options = (more: Partial<ProbeOptions> = {}): ProbeOptions => ({
  features,
  labels: null,
  testFeatures: null,
  testLabels: null,
  seed: 1,
  labelSpaces: [2, 5],
  ...more,
});

test("the probe refits the labels that a run gives to these samples, as a naive solution does", () => {
  const document = ProbeDocument.parse(runProbe(options({ seed: 9 })));
  const indices = Array.from({ length: m }, (_, row) => row);
  for (const [i, n] of [2, 5].entries()) {
    const redraws = [0, 1, 2, 3, 4, 5, 6, 7].map((draw) => {
      const labels = randomLabels({ seed: 9, n, draw, indices, kind: "redraw" });
      const { predicted } = naiveRidge(toRows(cloud, m), labels, n, 1e-3);
      return predicted.filter((label, row) => label === labels[row]).length;
    });
    const accuracy = redraws.reduce((sum, count) => sum + count, 0) / 8 / m;
    expect(document.taps[0]!.refit[i]).toEqual({
      n,
      redraws,
      accuracy,
      capacity: (accuracy - 1 / n) / (1 - 1 / n),
      equivalentWidth: equivalentWidth(m, n, accuracy),
    });
    expect(document.taps[0]!.null[i]).toMatchObject({ n, width: D });
    expect(document.taps[0]!.null[i]!.counts).toBe(nullAccuracy(m, n, cloudOfWidth(D, m)));
  }
  expect(document.taps[0]!.classes).toBeNull();
});

test("a run's capacity and a probe's of its features are one number", () => {
  const protocol = {
    ...protocols["micro-1"]!,
    heads: [{ n: 5, draws: 1, taps: "last" as const }],
    headline: 5,
  };
  const meter = new ControlMeter();
  onTestFinished(() => meter.close());
  const indices = Array.from({ length: m }, (_, row) => row);
  const labels = (kind: "redraw" | "random-label") => (n: number, draw: number) =>
    randomLabels({ seed: 1, n, draw, indices, kind });
  const taps = [{ tap: 1, values: cloud }];
  const { refit, null: rungs } = meter.measure(protocol, {
    samples: m,
    features: taps,
    frozen: taps,
    told: (n) => labels("random-label")(n, 0),
    redraw: labels("redraw"),
    regularizers: parseRegularizers("none"),
  });
  const [tap] = runProbe(options({ labelSpaces: [5] })).taps;
  expect(tap!.refit[0]!.redraws).toEqual(refit[0]!.redraws.slice(0, 8));
  expect({ tap: 1, ...tap!.null[0] }).toEqual(rungs[0]);
});

test("class labels may be any whole numbers; a class that training never saw is never right", () => {
  const numbers = Int32Array.from(classes, (c) => [3, 7, 90].indexOf(c));
  const naive = naiveRidge(toRows(cloud, m), numbers, 3, 1e-3);
  const guesses = naive.predict(toRows(testRows, 20)).map((c) => [3, 7, 90][c]!);
  const truth = Int32Array.from(guesses);
  truth[guesses.indexOf(3)] = 1000; // as a wrong number it would be the first class, and right
  const testLabels = write("y-test.npy", npyBytes(truth, [20]));
  const { taps, classCount } = runProbe(options({ labels, testFeatures, testLabels }));
  const train = naive.predicted.filter((c, row) => c === numbers[row]).length;
  expect(classCount).toBe(3);
  expect(taps[0]!.classes).toEqual({
    train: { correct: train, accuracy: train / m },
    test: { correct: 19, accuracy: 19 / 20 },
  });
});

test("every tensor of a safetensors file is a tap, and equals the same features alone", () => {
  const wide = gaussianCloud(m, 9, 3);
  const parts = safetensorsParts({
    tensors: [
      { name: "block10", shape: [m, D], values: cloud },
      { name: "block9", shape: [m, 9], values: Float64Array.from(wide) },
    ],
    metadata: {},
  });
  const { taps } = runProbe(options({ features: write("taps.safetensors", Buffer.concat(parts)) }));
  expect(taps.map(({ tap, name, width }) => [tap, name, width])).toEqual([
    [1, "block9", 9],
    [2, "block10", D],
  ]);
  expect({ ...taps[1], tap: 1, name: null }).toEqual(runProbe(options()).taps[0]);
  const alone = runProbe(options({ features: write("wide.npy", npyBytes(wide, [m, 9])) }));
  expect({ ...taps[0], name: null }).toEqual(alone.taps[0]);
});

test("features in Fortran order, and as JAX writes bfloat16, are the same features", () => {
  const { taps } = runProbe(options());
  const columns = Float32Array.from(cloud, (_, i) => cloud[(i % m) * D + Math.floor(i / m)]!);
  const fortran = write("fortran.npy", npyOf("<f4", [m, D], columns, true));
  expect(runProbe(options({ features: fortran })).taps).toEqual(taps);
  // The upper half of a float32, whose lower half is zero here.
  const rough = cloud.map((x) => Math.round(x * 8) / 8);
  const upper = new Uint16Array(rough.buffer).filter((_, i) => i % 2 === 1);
  const plain = write("plain.npy", npyOf("<f4", [m, D], rough));
  const brain = write("brain.npy", npyOf("<V2", [m, D], upper));
  expect(runProbe(options({ features: brain })).taps).toEqual(
    runProbe(options({ features: plain })).taps,
  );
});

test("ids beyond 2^53 are as many classes as they are", () => {
  const ids = BigInt64Array.from({ length: m }, (_, i) => 2n ** 53n + BigInt(i % 3));
  const small = Uint8Array.from(ids, (id) => Number(id - 2n ** 53n));
  const probe = (file: Uint8Array) => runProbe(options({ labels: write("ids.npy", file) }));
  const { classCount, taps } = probe(npyOf("<i8", [m], ids));
  expect(classCount).toBe(3);
  expect(taps).toEqual(probe(npyOf("|u1", [m], small)).taps);
});

test("a tensor without elements is no tap", () => {
  const file = safetensorsFile([
    ["none", "F32", [m, 0], new Float32Array(0)],
    ["some", "F32", [m, D], cloud],
  ]);
  const { taps } = runProbe(options({ features: write("some.safetensors", file) }));
  expect(taps.map(({ name }) => name)).toEqual(["some"]);
});

test("progress runs from nothing to everything", () => {
  const shares: number[] = [];
  runProbe(
    options({
      labels,
      testFeatures,
      testLabels: write("t20", npyBytes(classes.slice(0, 20), [20])),
    }),
    ({ share }) => shares.push(share),
  );
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(shares[0]).toBeLessThan(0.2);
  expect(shares.at(-1)).toBe(1);
});

test("the report shows what the document holds", () => {
  const document = runProbe(options({ labels, labelSpaces: [2, 1000] }));
  const text = formatProbe(document);
  const [two] = document.taps[0]!.refit;
  expect(text).toContain("80 samples, 1 tap, 3 classes, random labels of seed 1");
  expect(text).toMatch(
    new RegExp(
      ` 1 +2 +50.0 % +${(two!.accuracy * 100).toFixed(1)} % +${(two!.capacity * 100).toFixed(1)} % +${two!.equivalentWidth.width.toFixed(1)} `,
    ),
  );
  for (const rung of ["counts", "spectrum", "leverages"] as const)
    expect(text).toContain(`${(document.taps[0]!.null[0]![rung] * 100).toFixed(1)} %`);
  expect(text).toMatch(/ 1 +1,000 +0.1 %/);
  expect(text).toContain(document.taps[0]!.effectiveRank.toFixed(1));
  expect(text).toContain("How to read this.");
  expect(text).not.toContain("class, test");
});

describe("what does not fit together is refused:", () => {
  const other = (name: string, ...shape: number[]) =>
    write(
      name,
      npyOf(
        "<f4",
        shape,
        gaussianCloud(
          1,
          shape.reduce((size, d) => size * d, 1),
          1,
        ),
      ),
    );
  const holed = cloud.slice();
  holed[3 * D + 2] = NaN;
  test.each<[string, Partial<ProbeOptions>, RegExp]>([
    [
      "one label too few",
      { labels: write("s.npy", npyBytes(classes.slice(1), [m - 1])) },
      /79 labels for 80 samples/,
    ],
    [
      "labels in columns",
      { labels: write("c.npy", npyBytes(classes, [m / 2, 2])) },
      /labels are \[samples\].*argmax/,
    ],
    ["labels as features", { labels: features }, /labels are \[samples\]/],
    [
      "fractional labels",
      { labels: write("f.npy", npyBytes(new Float32Array(m), [m])) },
      /astype\("int64"\)/,
    ],
    ["one class", { labels: write("o.npy", npyBytes(new Int32Array(m), [m])) }, /one class only/],
    ["features as labels", { features: labels }, /holds int32; features are float16/],
    [
      "unpooled features",
      { features: other("u.npy", 10, 4, 3) },
      /\[10, 4, 3\].*Average over space/,
    ],
    [
      "too wide features",
      { features: other("w.npy", 2, 8193) },
      /8193 features per sample; up to 8192/,
    ],
    [
      "channels last too",
      { features: other("u4.npy", 2, 4, 3, 3) },
      /mean\(\(2, 3\)\).*mean\(\(1, 2\)\)/,
    ],
    ["a vector", { features: other("v.npy", 8) }, /\[8\]; .*features\.reshape\(-1, 1\)/],
    ["a number", { features: other("k.npy") }, /shape \[\]; .*single number/],
    ["no features", { features: other("e.npy", 9, 0) }, /\[9, 0\]; its samples have no features/],
    ["no samples", { features: other("m.npy", 0, 9) }, /\[0, 9\]; at least two samples/],
    [
      "integers as features",
      { features: write("i8.npy", npyOf("<i8", [2, 2], new BigInt64Array(4))) },
      /holds int64; .*array\.astype\("float32"\)/,
    ],
    ["a lone sample", { features: other("l.npy", 1, 4) }, /at least two samples/],
    ["NaN", { features: write("n.npy", npyBytes(holed, [m, D])) }, /row 3, column 2 is NaN/],
    [
      "other test width",
      { labels, testFeatures: other("t.npy", 5, 4), testLabels: labels },
      /is 4 wide.*is 6/,
    ],
    [
      "test features alone",
      { labels, testFeatures },
      /--test-features and --test-labels belong together/,
    ],
    ["test labels alone", { labels, testLabels: labels }, /belong together/],
    [
      "test without training labels",
      { testFeatures, testLabels: labels },
      /--test-labels need --labels/,
    ],
  ])("%s", (_, more, message) => {
    const call = () => runProbe(options(more));
    expect(call).toThrow(UserError);
    expect(call).toThrow(message);
  });

  test("taps of different samples", () => {
    const parts = safetensorsParts({
      tensors: [
        { name: "a", shape: [m, D], values: cloud },
        { name: "b", shape: [m / 2, D], values: cloud.slice(0, (m * D) / 2) },
      ],
      metadata: {},
    });
    const path = write("uneven.safetensors", Buffer.concat(parts));
    expect(() => runProbe(options({ features: path }))).toThrow(/b has 40 samples.*a has 80/s);
  });
});
