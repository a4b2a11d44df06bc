import { describe, expect, test } from "vitest";
import { npyBytes } from "../../harness/measure/save.ts";
import { ProbeDocument } from "../../harness/probe/probe-document.ts";
import { type ProbeOptions, runProbe } from "../../harness/probe/probe.ts";
import { formatProbe } from "../../harness/probe/probe-text.ts";
import { gaussianCloud } from "../measure/synthetic.ts";
import { npyOf, safetensorsFile, temporaryFiles } from "./files.ts";

const write = temporaryFiles();
const [m, D] = [300, 4];
const cloud = gaussianCloud(m, D, 1);
/** Where the classes are easily told apart, so that no class column is a matter of chance. */
const labelled = (count: number, classOf: (row: number) => number) =>
  gaussianCloud(count, D, 2).map((x, i) => (i % D === classOf(Math.floor(i / D)) % D ? x + 20 : x));
const third = (row: number) => row % 3;
const classes = (count: number, of: (row: number) => number) =>
  write(
    `y${count}-${Math.random()}`,
    npyBytes(
      Int32Array.from({ length: count }, (_, i) => of(i)),
      [count],
    ),
  );
const matrix = (values: Float32Array | Float64Array, rows = m) =>
  write(`z${Math.random()}`, npyBytes(values, [rows, values.length / rows]));

const features = matrix(labelled(m, third));
const labels = classes(m, third);
const testFeatures = matrix(labelled(120, third), 120);

/** One file, unless there are more of them. */
interface Given extends Partial<ProbeOptions> {
  features?: string;
  testFeatures?: string | null;
}

function probe({ features: own = features, testFeatures = null, ...more }: Given): ProbeDocument {
  const options = { files: [{ features: own, testFeatures }], labels: null, testLabels: null };
  const asked = { index: null, seed: 1, labelSpaces: [2], draws: 8, told: false };
  const document = ProbeDocument.parse(runProbe({ ...options, ...asked, ...more }));
  // Whatever is said is said to people, too, with a mark at a number unless it is about the file.
  const text = formatProbe(document).replaceAll(/\s+/g, " ");
  for (const [i, { message }] of document.notices.entries()) {
    expect(text).toContain(`[${i + 1}] ${message}`);
    expect(text.match(new RegExp(`[ \\[,]${i + 1}[\\],]`, "g"))!.length).toBeGreaterThan(1);
  }
  return document;
}

const said = (more: Given) => probe(more).notices.map(({ code, numbers }) => [code, ...numbers]);

test("nothing is said of numbers that mean what they say", () => {
  const testLabels = classes(120, third);
  expect(said({ labels, testFeatures, testLabels, labelSpaces: [2, 10] })).toEqual([]);
  expect(said({ features: matrix(cloud.map((x) => x * 1e-30)) })).toEqual([]);
  expect(said({ features: matrix(cloud.map((x) => x + 1000)) })).toEqual([]);
  const halves = Uint16Array.from(cloud, (_, i) => 0x3c00 + ((i * 7919) % 1024)); // 1 to 2
  expect(said({ features: write("h", npyOf("<f2", [m, D], halves)) })).toEqual([]);
});

describe("features that do not vary as float32 say nothing:", () => {
  const wide = Float64Array.from(cloud);
  test.each<[string, Float32Array | Float64Array, hidden: boolean]>([
    ["zeros", new Float32Array(m * D), false],
    ["a constant", new Float32Array(m * D).fill(0.1), false],
    ["a constant of each feature", Float64Array.from(wide, (_, i) => 1e8 + (i % D) / 3), false],
    ["1e-40", cloud.map((x) => x * 1e-40), true],
    ["float64 of 1e-40", wide.map((x) => x * 1e-40), true],
    ["float64 of 1e-60", wide.map((x) => x * 1e-60), true],
    ["float64 beside an offset of 1e8", wide.map((x) => 1e8 + x / 4), true],
  ])("%s", (_, values, hidden) => {
    const { notices, taps } = probe({ features: matrix(values) });
    expect(notices).toMatchObject([{ code: "features-do-not-vary", numbers: ["/taps/0"] }]);
    expect(/They do differ in the file.*Subtract/.test(notices[0]!.message)).toBe(hidden);
    expect(taps[0]!.effectiveRank).toBe(0);
  });

  test("in the one tap that has them, with its class columns", () => {
    const testLabels = classes(120, third);
    const tapsOf = (rows: number, good: Float32Array) =>
      write(
        `taps${rows}`,
        safetensorsFile([
          ["a", "F32", [rows, D], good],
          ["b", "F32", [rows, D], new Float32Array(rows * D)],
        ]),
      );
    const document = probe({
      features: tapsOf(m, labelled(m, third)),
      testFeatures: tapsOf(120, labelled(120, third)),
      labels,
      testLabels,
    });
    expect(document.notices[0]).toMatchObject({
      code: "features-do-not-vary",
      numbers: ["/taps/1"],
    });
    expect(formatProbe(document)).toMatch(/ 2 +b .* 0\.0 \[1\] .*33\.3 % \[1,2\] +33\.3 % \[1,2\]/);
    expect(formatProbe(document)).toMatch(/ 1 +a .*[0-9]  +100\.0 % +100\.0 %/);
  });
});

describe("features that are mostly rounding are said to be:", () => {
  const wide = Float64Array.from(cloud);
  const brain = (x: number) => new Uint16Array(Float32Array.of(x).buffer)[1]!;
  test.each<[string, string]>([
    ["float64 beside an offset of 1e8", matrix(wide.map((x) => 1e8 + 5 * x))],
    ["float32 beside an offset of 1e8", matrix(cloud.map((x) => 1e8 + 5 * x))],
    ["about 2^-126", matrix(cloud.map((x) => x * 2 ** -126))],
    [
      "bfloat16 beside an offset of 200",
      write(
        "bf",
        npyOf(
          "<V2",
          [m, D],
          Uint16Array.from(cloud, (x) => brain(200 + x)),
        ),
      ),
    ],
  ])("%s", (_, path) => {
    expect(said({ features: path })).toEqual([["features-are-rounded", "/taps/0"]]);
  });

  test("but not beside a constant, however large", () => {
    const beside = (values: Float32Array | Float64Array) => {
      values.forEach((_, i) => i % D === 0 && (values[i] = 1e9 + 0.3));
      return matrix(values);
    };
    expect(said({ features: beside(wide.slice()) })).toEqual([]);
    expect(said({ features: beside(cloud.slice()) })).toEqual([]);
  });
});

test("few samples beside features, labels and classes are told", () => {
  const few = matrix(gaussianCloud(5, 5, 3), 5);
  const [first, second, ...more] = said({ features: few, labels: classes(5, (row) => row) });
  expect(first).toEqual([
    "width-fits-any-labels",
    "/taps/0/refit",
    "/taps/0/null/0/counts",
    "/taps/0/effectiveRank",
    "/taps/0/participationRatio",
    "/taps/0/classes/train",
  ]);
  expect(second).toEqual([
    "few-samples-a-label",
    "/taps/0/refit/0/equivalentWidth",
    "/taps/0/null/0/counts",
    "/taps/0/null/0/spectrum",
    "/taps/0/null/0/leverages",
  ]);
  expect(more).toEqual([
    ["one-random-label", "/taps/0/refit/0"],
    ["few-samples-a-class", "/classCount", "/taps/0/classes/train"],
  ]);
  expect(said({ features: matrix(gaussianCloud(41, 40, 3), 41) })[0]).toEqual([
    "width-fits-any-labels",
    "/taps/0/refit",
    "/taps/0/null/0/counts",
  ]);
  expect(said({ features: matrix(gaussianCloud(42, 40, 3), 42) })).toEqual([]);
});

test("only the label spaces with few samples a label are marked", () => {
  expect(said({ labelSpaces: [2, 60, 61, 1000] })).toEqual([
    [
      "few-samples-a-label",
      ...[2, 3].flatMap((k) => [
        `/taps/0/refit/${k}/equivalentWidth`,
        ...["counts", "spectrum", "leverages"].map((rung) => `/taps/0/null/${k}/${rung}`),
      ]),
    ],
  ]);
});

test("one random label for all, and one feature, are told", () => {
  const five = matrix(Float32Array.of(1, 2, 3, 5, 7), 5);
  const codes = [1, 2, 3, 4, 5, 6].map((seed) =>
    said({ features: five, seed }).map(([code]) => code),
  );
  expect(codes.every((all) => all.includes("one-feature"))).toBe(true);
  expect(new Set(codes.map((all) => all.includes("one-random-label")))).toEqual(
    new Set([true, false]),
  );
});

describe("of test labels", () => {
  const count = 120;
  const tested = (of: (row: number) => number, more: Given = {}) =>
    probe({ labels, testFeatures, testLabels: classes(count, of), ...more });
  const notice = (document: ProbeDocument, code: string) =>
    document.notices.find((each) => each.code === code);
  const column = ["/taps/0/classes/test"];

  test.each([
    ["counted from 1 against 0", 1, /^40 of 120 .* 3\..*labels seem to be 1 higher than/],
    ["counted from 0 against 1", -1, /^40 of 120 .* -1\..*labels seem to be 1 lower than/],
    ["counted from 100", 100, /^120 of 120 .* 100, 101, 102\..*labels seem to be 100 higher/],
  ])("it is told that they are %s", (_, shift, message) => {
    const document = tested((row) => third(row) + shift);
    expect(document.taps[0]!.classes!.test!.accuracy).toBe(0);
    expect(notice(document, "unseen-test-classes")).toMatchObject({
      numbers: column,
      message: expect.stringMatching(message) as string,
    });
  });

  test("a class that training never saw is told with its samples, and nothing of counting", () => {
    const document = tested((row) => (row < 7 ? 5 + row : third(row)));
    const { message } = notice(document, "unseen-test-classes")!;
    expect(message).toMatch(/^7 of 120 test samples .* 5, 6, 7, 8, 9 and 2 more\.$/);
  });

  test("ids beyond 2^53 are named to the last digit", () => {
    const id = (row: number) => 2n ** 53n + BigInt(third(row));
    const file = (rows: number, more: bigint) =>
      write(
        `ids${rows}`,
        npyOf(
          "<i8",
          [rows],
          BigInt64Array.from({ length: rows }, (_, row) => id(row) + more),
        ),
      );
    const document = tested(third, { labels: file(m, 0n), testLabels: file(count, 1n) });
    expect(notice(document, "unseen-test-classes")!.message).toMatch(
      /label, 9007199254740995\. .*labels seem to be 1 higher/,
    );
  });

  test("a class that is missing, though it should be there, is told", () => {
    const document = tested((row) => 1 + (row % 2));
    expect(notice(document, "absent-test-classes")).toMatchObject({
      numbers: column,
      message: expect.stringMatching(/label 0, .*counted from the same number/) as string,
    });
  });

  test("one class only is told", () => {
    expect(
      notice(
        tested(() => 2),
        "one-test-class",
      ),
    ).toMatchObject({
      numbers: column,
      message: expect.stringMatching(/of one class, 2\./) as string,
    });
  });

  test("test features that do not vary, or are the training features, are told", () => {
    const flat = tested(third, { testFeatures: matrix(new Float32Array(count * D), count) });
    expect(notice(flat, "test-features-do-not-vary")!.numbers).toEqual(column);
    const same = probe({ labels, testFeatures: features, testLabels: labels });
    expect(notice(same, "test-is-training")!.numbers).toEqual(column);
    const copy = matrix(Float64Array.from(labelled(m, third)));
    const copied = probe({ labels, testFeatures: copy, testLabels: labels });
    expect(notice(copied, "test-is-training")!.numbers).toEqual(column);
    expect(notice(tested(third), "test-is-training")).toBeUndefined();
  });
});

test("a class column no better than a constant answer is told", () => {
  const rare = (row: number) => Number(row % 50 === 0);
  const { notices } = probe({ features: matrix(cloud), labels: classes(m, rare) });
  expect(notices).toMatchObject([
    {
      code: "commonest-class",
      numbers: ["/taps/0/classes/train"],
      message: expect.stringContaining("gets 98.0 %") as string,
    },
  ]);
});

test("tensors that are not taps are named", () => {
  const file = safetensorsFile([
    ["none", "F32", [m, 0], new Float32Array(0)],
    ["some", "F32", [m, D], cloud],
  ]);
  const { notices } = probe({ features: write("some.safetensors", file) });
  expect(notices).toMatchObject([
    { code: "tensors-without-elements", message: expect.stringMatching(/: none\.$/) as string },
  ]);
});

test("a rank among few redraws that could never be significant is told", () => {
  const [few] = probe({ told: true, draws: 8 }).notices;
  expect(few).toMatchObject({
    code: "few-draws",
    numbers: ["/taps/0/refit/0/selectivityP"],
    message: expect.stringMatching(/Among 8 redraws .* 0\.22 at least \(0\.11 where/) as string,
  });
  expect(said({ told: true, draws: 39 })).toEqual([]);
  expect(said({ draws: 8 })).toEqual([]);
});

describe("of files side by side", () => {
  const copy = matrix(Float64Array.from(labelled(m, third)));
  const wide = matrix(gaussianCloud(m, 7, 3));
  const beside = (...paths: string[]) => ({
    files: paths.map((path) => ({ features: path, testFeatures: null })),
  });

  test("those of another width are told", () => {
    expect(said(beside(features, matrix(cloud), wide))).toEqual([
      ["widths-differ", "/comparisons/1", "/comparisons/2"],
    ]);
  });

  test("the same features in two files are told", () => {
    const document = probe(beside(features, copy));
    expect(document.notices).toMatchObject([
      { code: "same-features", numbers: ["/comparisons/0"] },
    ]);
    expect(document.comparisons[0]).toMatchObject({ identical: true, p: 1 });
    expect(formatProbe(document)).toMatch(/the same capacity under each\s+of\s+8\s+labellings/);
  });
});
