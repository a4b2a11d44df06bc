import { createHash } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { safetensorsParts } from "../../harness/engine/safetensors.ts";
import { UserError } from "../../harness/errors.ts";
import { ControlMeter } from "../../harness/measure/controls.ts";
import { npyBytes } from "../../harness/measure/save.ts";
import { compareTaps } from "../../harness/probe/probe-comparison.ts";
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
import { selectivityP } from "../../record/statistics/selectivity.ts";
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

/** One file, unless there are more of them. */
interface Given extends Partial<ProbeOptions> {
  features?: string;
  testFeatures?: string | null;
}

const options = ({ testFeatures = null, ...more }: Given = {}): ProbeOptions => ({
  files: [{ features: more.features ?? features, testFeatures }],
  labels: null,
  testLabels: null,
  index: null,
  seed: 1,
  labelSpaces: [2, 5],
  draws: 8,
  told: false,
  ...more,
});

const rows = Array.from({ length: m }, (_, row) => row);

/** Samples that a naive ridge regression gets right under the labels of a run's samples. */
function naiveCount(
  labelling: Omit<Parameters<typeof randomLabels>[0], "indices">,
  indices = rows,
) {
  const labels = randomLabels({ ...labelling, indices });
  const { predicted } = naiveRidge(toRows(cloud, m), labels, labelling.n, 1e-3);
  return predicted.filter((label, row) => label === labels[row]).length;
}

test("the probe refits the labels that a run gives to these samples, as a naive solution does", () => {
  const document = ProbeDocument.parse(runProbe(options({ seed: 9 })));
  for (const [i, n] of [2, 5].entries()) {
    const redraws = [0, 1, 2, 3, 4, 5, 6, 7].map((draw) =>
      naiveCount({ seed: 9, n, draw, kind: "redraw" }),
    );
    const accuracy = redraws.reduce((sum, count) => sum + count, 0) / 8 / m;
    expect(document.taps[0]!.refit[i]).toMatchObject({
      n,
      redraws,
      told: null,
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
  const [tap] = runProbe(options({ labelSpaces: [5], draws: 99, told: true })).taps;
  expect(tap!.refit[0]).toMatchObject({ told: refit[0]!.told, redraws: refit[0]!.redraws });
  expect({ tap: 1, ...tap!.null[0] }).toEqual(rungs[0]);
});

test("the interval of a mean over labellings is SciPy's, and an equivalent width's has its ends", () => {
  const [two] = ProbeDocument.parse(runProbe(options())).taps[0]!.refit;
  expect(two!.redraws).toEqual([50, 46, 46, 48, 49, 50, 46, 49]);
  const { accuracy, capacity, equivalentWidth: width } = two!.interval!;
  // SciPy 1.17: stats.t.interval(.95, 7, mean, sem) of the counts over 80, and of 2 accuracy - 1
  expect(accuracy.low).toBeCloseTo(0.5814736664309906, 12);
  expect(accuracy.high).toBeCloseTo(0.6185263335690093, 12);
  expect(capacity.low).toBeCloseTo(2 * 0.5814736664309906 - 1, 12);
  expect(capacity.high).toBeCloseTo(2 * 0.6185263335690093 - 1, 12);
  expect(width.low).toEqual(equivalentWidth(m, 2, accuracy.low));
  expect(width.high).toEqual(equivalentWidth(m, 2, accuracy.high));
});

test("more draws go on where fewer end, and one has no interval", () => {
  const refits = (draws: number) =>
    runProbe(options({ draws, labelSpaces: [5] })).taps[0]!.refit[0]!;
  const [one, twelve] = [refits(1), refits(12)];
  expect(one).toMatchObject({ redraws: twelve.redraws.slice(0, 1), interval: null });
  expect(twelve.redraws).toHaveLength(12);
  expect(refits(8).redraws).toEqual(twelve.redraws.slice(0, 8));
});

test("the told labelling is the one that heads learn, and is ranked among the redraws", () => {
  const [refit] = runProbe(options({ told: true, draws: 9, labelSpaces: [5] })).taps[0]!.refit;
  const told = naiveCount({ seed: 1, n: 5, draw: 0, kind: "random-label" });
  const [below, equal] = [-1, 0].map(
    (sign) => refit!.redraws.filter((count) => Math.sign(count - told) === sign).length,
  );
  expect(refit!.told).toBe(told);
  const mean = refit!.redraws.reduce((sum, count) => sum + count, 0) / 9;
  expect(refit!.selectivity).toBeCloseTo((told - mean) / m / 0.8, 12);
  expect(refit!.selectivityP).toBe(selectivityP([{ told, redraws: refit!.redraws }]));
  expect(below! + equal!).toBeLessThanOrEqual(9);
});

describe("with an index", () => {
  const numbers = rows.map((row) => 40_000 + 3 * row);
  const index = write("index.npy", npyBytes(Int32Array.from(numbers), [m]));

  test("every row has the labels of its sample, as a naive solution does", () => {
    const [refit] = runProbe(options({ index, labelSpaces: [5] })).taps[0]!.refit;
    for (const draw of [0, 7])
      expect(refit!.redraws[draw]).toBe(
        naiveCount({ seed: 1, n: 5, draw, kind: "redraw" }, numbers),
      );
    expect(refit!.redraws).not.toEqual(
      runProbe(options({ labelSpaces: [5] })).taps[0]!.refit[0]!.redraws,
    );
  });

  test("rows may stand in any order: counts and digests are the same", () => {
    const order = rows.map((row) => (row * 7 + 5) % m);
    const shuffled = {
      features: write(
        "shuffled.npy",
        npyBytes(
          Float32Array.from(order.flatMap((row) => [...cloud.subarray(row * D, row * D + D)])),
          [m, D],
        ),
      ),
      labels: write(
        "sy.npy",
        npyBytes(
          Int32Array.from(order, (row) => classes[row]!),
          [m],
        ),
      ),
      index: write(
        "shuffled-index.npy",
        npyOf(
          "<u8",
          [m],
          BigUint64Array.from(order, (row) => BigInt(numbers[row]!)),
        ),
      ),
    };
    const [plain, other] = [options({ index, labels }), options(shuffled)].map((each) =>
      runProbe(each),
    );
    expect(other!.taps[0]!.refit.map(({ redraws }) => redraws)).toEqual(
      plain!.taps[0]!.refit.map(({ redraws }) => redraws),
    );
    expect(other!.index.sha256).toBe(plain!.index.sha256);
    expect(other!.labels!.sha256).toBe(plain!.labels!.sha256);
  });

  test("its digest is of lines of decimal digits, and no index is 0 to m-1", () => {
    const digest = (lines: ArrayLike<number>) =>
      createHash("sha256")
        .update(Array.from(lines, (line) => `${line}\n`).join(""))
        .digest("hex");
    expect(runProbe(options({ index, labels }))).toMatchObject({
      index: { file: index, sha256: digest(numbers) },
      labels: { file: labels, sha256: digest(classes) },
    });
    const plain = runProbe(options({ labelSpaces: [2], draws: 1 }));
    expect(plain).toMatchObject({ index: { file: null, sha256: digest(rows) }, labels: null });
  });

  test("the largest number that a double holds is a sample like any other", () => {
    const large = BigInt64Array.from(rows, (row) => 2n ** 53n - 1n - BigInt(row));
    const path = write("large.npy", npyOf("<i8", [m], large));
    const [refit] = runProbe(options({ index: path, labelSpaces: [5], draws: 1 })).taps[0]!.refit;
    const samples = rows.map((row) => Number.MAX_SAFE_INTEGER - row);
    expect(refit!.redraws[0]).toBe(naiveCount({ seed: 1, n: 5, draw: 0, kind: "redraw" }, samples));
  });

  const changed = (row: number, value: number) => Int32Array.from(numbers.with(row, value));
  test.each<[string, Uint8Array, RegExp]>([
    [
      "floats",
      npyBytes(Float64Array.from(numbers), [m]),
      /holds float64; .*integers.*index\.astype\("int64"\)/,
    ],
    ["half floats", npyOf("<f2", [m], new Uint16Array(m)), /holds float16; .*integers/],
    ["a mask", npyOf("|b1", [m], new Uint8Array(m)), /holds bool; .*np\.flatnonzero\(mask\)/],
    [
      "names",
      npyOf("<U4", [m], new Uint32Array(4 * m)),
      /strings.*a sample index is integers\. .*index\.astype/,
    ],
    [
      "big-endian numbers",
      npyOf(">i8", [m], new BigInt64Array(m)),
      /big-endian.*a sample index is integers/,
    ],
    [
      "a column",
      npyBytes(Int32Array.from(numbers), [m, 1]),
      /shape \[80, 1\]; .*index\.reshape\(-1\)/,
    ],
    [
      "a matrix",
      npyBytes(new Int32Array(2 * m), [m, 2]),
      /shape \[80, 2\]; a sample index is \[samples\]\.$/,
    ],
    ["a number", npyBytes(Int32Array.of(3), []), /shape \[\]; a sample index is/],
    ["nothing", npyBytes(new Int32Array(0), [0]), /has 0 numbers for 80 samples/],
    [
      "one too many",
      npyBytes(Int32Array.from([...numbers, 1]), [m + 1]),
      /has 81 numbers for 80 samples/,
    ],
    [
      "a negative number",
      npyBytes(changed(7, -1), [m]),
      /row 7 is -1; samples are numbered from 0/,
    ],
    [
      "a number of 54 bits",
      npyOf("<u8", [m], BigUint64Array.from(numbers, BigInt).with(3, 2n ** 53n)),
      /row 3 is 9007199254740992; .*2\^53 - 1/,
    ],
    [
      "the same sample twice",
      npyBytes(changed(9, numbers[4]!), [m]),
      /rows 4 and 9 both are sample 40012; each sample is one row/,
    ],
    [
      "a file that ends early",
      npyBytes(Int32Array.from(numbers), [m]).subarray(0, 200),
      /is damaged: by its header/,
    ],
    ["an empty file", new Uint8Array(0), /is empty\. Write the index with np\.save\(path, index\)/],
  ])("%s: refused", (_, file, message) => {
    const call = () => runProbe(options({ index: write("bad.npy", file) }));
    expect(call).toThrow(UserError);
    expect(call).toThrow(message);
  });
});

describe("files side by side", () => {
  const wide = gaussianCloud(m, 9, 3);
  const other = write("other.npy", npyBytes(wide, [m, 9]));
  const both = (more: Given = {}) =>
    options({
      files: [features, other].map((path) => ({ features: path, testFeatures: null })),
      ...more,
    });

  test("hold what each holds alone, and are compared as one family", () => {
    const document = ProbeDocument.parse(runProbe(both({ labels })));
    expect(document.taps).toEqual([
      ...runProbe(options({ labels })).taps,
      { ...runProbe(options({ labels, features: other })).taps[0]!, file: 1 },
    ]);
    expect(document.comparisons).toEqual(compareTaps(document.taps, m));
    expect(document.comparisons.map(({ n, a, b }) => [n, a, b])).toEqual([
      [2, 0, 1],
      [5, 0, 1],
    ]);
  });

  test("may be on test samples, too, each with its own", () => {
    const tests = [testFeatures, write("t9.npy", npyBytes(gaussianCloud(20, 9, 4), [20, 9]))];
    const testLabels = write("yt.npy", npyBytes(classes.slice(0, 20), [20]));
    const files = [features, other].map((path, i) => ({ features: path, testFeatures: tests[i]! }));
    const { taps } = runProbe(options({ files, labels, testLabels }));
    const alone = runProbe(
      options({ features: other, testFeatures: tests[1]!, labels, testLabels }),
    );
    expect(taps[1]!.classes).toEqual(alone.taps[0]!.classes);
  });

  test("stand in one table, with names, differences and what they do not show", () => {
    const text = formatProbe(runProbe(both()));
    expect(text).toMatch(/^2 files, 80 samples, 2 taps, random labels of seed 1, 8 labellings\n/);
    expect(text).toMatch(
      /train\.npy +1 +2 .*\nother\.npy +1 +2 .*\ntrain\.npy +1 +5 .*\nother\.npy +1 +5 /,
    );
    expect(text).toMatch(/^ +2 +train\.npy +other\.npy +1 +8 +[-+]\d+\.\d+ ± \d/m);
    expect(text.replaceAll(/\s+/g, " ")).toContain("Holm-corrected over all 2 tests shown");
    expect(text.replaceAll(/\s+/g, " ")).toContain(
      "two networks that differ in nothing but their seed",
    );
  });

  test("are refused unless they have the same samples", () => {
    const short = write("short.npy", npyBytes(cloud.slice(D), [m - 1, D]));
    const files = [features, short].map((path) => ({ features: path, testFeatures: null }));
    expect(() => runProbe(options({ files }))).toThrow(
      /short\.npy has 79 samples, .*train\.npy has 80\. Files side by side/,
    );
  });
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
    { onProgress: ({ share }) => shares.push(share) },
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
      ` 1 +2 +50.0 % +${(two!.accuracy * 100).toFixed(1)} ± [0-9.]+ % +${(two!.capacity * 100).toFixed(1)} ± [0-9.]+ % +${two!.equivalentWidth.width.toFixed(1)} \\(`,
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
  test.each<[string, Given, RegExp]>([
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
