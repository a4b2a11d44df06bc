import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { latencies } from "../../bench/load/latencies.ts";
import { mutated } from "../../bench/load/signed-mutations.ts";
import { syntheticConfiguration, syntheticResult } from "../../bench/load/synthetic.ts";
import { replacePart } from "../../bench/training/written-part.ts";
import type { BenchResult } from "../../bench/training/bench.ts";
import { goalTable, speedTable, writeDocument } from "../../bench/training/document.ts";
import { type StudyRow, likenessTable, studyTable } from "../../bench/training/study.ts";
import { stepFlops } from "../../bench/training/cases.ts";
import { type TakeTurn, type TurnResult, median, race, watch } from "../../bench/training/race.ts";
import { EXIT } from "../../harness/errors.ts";
import { resultProblems } from "../../record/statement/result-problems.ts";
import { countsDigest } from "../../record/statement/run-problems.ts";
import { rademark } from "../world/command-line.ts";
import { micro } from "../world/runs.ts";
import { aChallenge } from "../world/statements.ts";

const folder = mkdtempSync(join(tmpdir(), "rademark-test-benchmarks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const row = {
  name: "mlp-512",
  batch: 128,
  here: 30_000,
  torch: 20_000,
  torchCompiled: 24_000,
  tensorflow: 32_000,
  ratio: 1.25,
  goal: 1.2,
  ceilingRatio: 0.9375,
  ceilingGoal: 0.95,
  flops: 2e11,
  quiet: true,
};
const result: BenchResult = {
  quick: false,
  environment: {
    at: "2026-01-02T03:04:05.000Z",
    harness: "0.2.0",
    git: { commit: "0123456789abcdef", dirty: false },
    node: "v24.0.0",
    tensorflow: "2.21.0",
    numerics: { deterministic: true, precision: "float32" },
    os: "linux-x64",
    cpu: "A Processor",
    cores: 2,
    memoryBytes: 2 ** 34,
    gpus: [],
  },
  threads: 2,
  versions: { torch: "2.15.0" },
  sgemmFlops: 4e11,
  rows: [row],
  overhead: {
    heads: { "cnn-16": 1.2, "mlp-512": 1.5 },
    frozen: { "cnn-16": 1.3, "mlp-256": 1.6 },
    controls: { "cnn-16": 0.11, "mlp-256": 0.3 },
    measures: { "wrn-16-1": 0.05, "mlp-256": 0.3 },
    refits: { "8 refits, m 500": 30 },
    memory: { steps: [0, 500, 1000], tensors: [9, 10, 12], residentBytes: [50, 100, 101] },
  },
  studies: [],
};

const accuracies = {
  trainAccuracy: 0.9,
  testAccuracy: 0.4,
  headAccuracy: 0.05,
  frozenAccuracy: 0.04,
  refitAccuracy: 0.81,
};
const took = (seconds: number) => ({ seconds, processorSeconds: 2 * seconds });
const study: StudyRow = {
  ...{ arch: "mlp-512", runs: 8, epochs: 10, allEpochs: 30 },
  ...{ here: took(40), pair: took(90), whole: took(120), ratio: 2.25, processorRatio: 2.5 },
  results: { here: accuracies, torch: { ...accuracies, testAccuracy: 0.41 } },
};

const outcomes = (changed: BenchResult): Record<string, string> =>
  Object.fromEntries<string>(
    goalTable(changed).rows.map(([what, , , outcome]) => [what!, outcome!]),
  );

test("goals are met or missed; what is only reported is neither", () => {
  expect(outcomes(result)).toEqual({
    "mlp-512 to PyTorch": "met",
    "mlp-512 to tf.function": "missed",
    "micro-1's heads on cnn-16, time to none": "missed",
    "micro-1's heads on mlp-512, time to none": "",
    "heads on the frozen trunk of cnn-16, processor time to without": "met",
    "heads on the frozen trunk of mlp-256, processor time to without": "",
    "controls' share of a cnn-16 micro-1 run": "missed",
    "controls' share of a mlp-256 micro-1 run": "",
    "what measures add to a wrn-16-1 micro-1 run": "met",
    "what measures add to a mlp-256 micro-1 run": "",
    "8 refits, m 500, processor time": "",
    "tensors more after 1,000 steps": "missed",
    "growth of resident memory over them": "met",
  });
});

test("a race beside other programs is not judged", () => {
  const busy = { ...result, rows: [{ ...row, quiet: false }] };
  expect(outcomes(busy)["mlp-512 to PyTorch"]).toMatch(/not judged/);
});

test("speeds have three digits, and their share of sgemm", () => {
  expect(speedTable(result).rows).toEqual([
    ["mlp-512", "128", "30,000", "20,000", "24,000", "32,000", "1.25", "0.94", "50.0 %"],
  ]);
});

test("only the measured part of the document is written anew", () => {
  const path = join(folder, "benchmarks.md");
  writeDocument(path, result);
  const text = readFileSync(path, "utf8");
  expect(text).toContain("A Processor, 2 cores, 16 GiB");
  writeFileSync(path, `${text}\nWhy mlp-512 misses: a reason.\n`);
  writeDocument(path, { ...result, rows: [{ ...row, here: 10 }] });
  const again = readFileSync(path, "utf8");
  expect(again).toContain("a reason.");
  expect(again).not.toContain("30,000");
  expect(again.match(/end of what is written/g)).toHaveLength(1);
});

test("a study is judged by the faster PyTorch, and shown beside what came out", () => {
  const studied = { ...result, studies: [study, { ...study, runs: 2, ratio: 2.5 }] };
  expect(outcomes(studied)).toMatchObject({
    "study of mlp-512, 8 runs, to PyTorch": "missed",
    "study of mlp-512, 2 runs, to PyTorch": "met",
  });
  const cells = ["mlp-512", "8", "40 s", "90 s", "120 s", "2.25", ">= 2.50", "2.50"];
  expect(studyTable([study]).rows).toEqual([cells]);
  expect(likenessTable([study]).rows[0]!.slice(2, 4)).toEqual(["90.0 / 90.0", "40.0 / 41.0"]);
});

test("studies are written between their own lines, and what was not measured stays", () => {
  const path = join(folder, "studies.md");
  writeDocument(path, result);
  const lines =
    "<!-- written by `npm run bench -- --only study --write` -->\n<!-- end of the studies -->\n";
  writeFileSync(path, `${readFileSync(path, "utf8")}\n${lines}`);
  writeDocument(path, { ...result, rows: [], overhead: {}, studies: [study] });
  const text = readFileSync(path, "utf8");
  expect(text).toContain("30,000");
  expect(text).toContain("- epochs trained, of 30: mlp-512 10");
  writeDocument(path, { ...result, rows: [{ ...row, here: 10 }] });
  expect(readFileSync(path, "utf8")).toContain("- epochs trained, of 30: mlp-512 10");
});

test("an unknown name is refused before anything starts, with a suggestion", async () => {
  const { code, stdout, stderr } = await rademark(["bench", "--only", "mlp-51"]);
  expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: "" });
  expect(stderr).toMatch(/--only: "mlp-51".*mlp-512/s);
});

test("half of the times are at most the median, and 95 of 100 at most p95", () => {
  const times = Array.from({ length: 100 }, (_, i) => (i * 37) % 100);
  expect(latencies(times)).toEqual({ count: 100, median: 49, p95: 94 });
  expect(latencies([7])).toEqual({ count: 1, median: 7, p95: 7 });
});

test("figures are written between their own lines, and nothing else is touched", () => {
  const markers = { begin: "<!-- here -->", end: "<!-- there -->" };
  const document = "a\n\n<!-- here -->\n\nold\n\n<!-- there -->\n\nb <!-- end -->\n";
  const written = replacePart(document, markers, "new\n");
  expect(written).toBe("a\n\n<!-- here -->\n\nnew\n\n<!-- there -->\n\nb <!-- end -->\n");
  expect(replacePart(written, markers, "new")).toBe(written);
  expect(() => replacePart("a\n", markers, "new")).toThrow("has lost its lines");
});

test("a mutated statement differs in one place, and is the same for the same number", () => {
  const statement = { key: "k", runs: [{ seed: 1, heads: [{ n: 2, final: 30 }] }], none: null };
  const whole = JSON.stringify(statement);
  for (let i = 0; i < 200; i++)
    expect(JSON.stringify(mutated(statement, i))).toBe(JSON.stringify(mutated(statement, i)));
  const changed = Array.from({ length: 200 }, (_, i) => JSON.stringify(mutated(statement, i)));
  expect(changed.filter((text) => text !== whole).length).toBeGreaterThan(190);
  expect(new Set(changed).size).toBeGreaterThan(40);
  expect(JSON.stringify(statement)).toBe(whole);
});

const image = { height: 32, width: 32, channels: 3 };

test("an mlp's layers are passed three times, the first only twice", () => {
  const [first, rest] = [3072 * 512, 512 * 512 + 512 * 110];
  expect(stepFlops({ arch: "mlp-512", image })).toBe(2 * (2 * first + 3 * rest));
});

test("a cnn halves the side between its convolutions", () => {
  const first = 32 * 32 * 9 * 3 * 32;
  const rest = 16 * 16 * 9 * 32 * 64 + 8 * 8 * 9 * 64 * 128 + 128 * 110;
  expect(stepFlops({ arch: "cnn-32", image })).toBe(2 * (2 * first + 3 * rest));
});

test("a wide residual network has a 1x1 shortcut only where the width changes", () => {
  const thin = stepFlops({ arch: "wrn-16-1", image });
  const group1 = 4 * 32 * 32 * 9 * 16 * 16;
  const group2 = 16 * 16 * (9 * 16 * 32 + 3 * 9 * 32 * 32 + 16 * 32);
  const group3 = 8 * 8 * (9 * 32 * 64 + 3 * 9 * 64 * 64 + 32 * 64);
  const first = 32 * 32 * 9 * 3 * 16;
  expect(thin).toBe(2 * (2 * first + 3 * (group1 + group2 + group3 + 64 * 110)));
});

test("attention grows with the square of the tokens", () => {
  const block = 64 * 12 * 192 ** 2 + 2 * 64 ** 2 * 192;
  const first = 64 * 48 * 192;
  expect(stepFlops({ arch: "vit-ti-4", image })).toBe(
    2 * (2 * first + 3 * (12 * block + 192 * 110)),
  );
});

const script = (order: string[], name: string, turns: TurnResult[]): TakeTurn => {
  return () => {
    order.push(name);
    return Promise.resolve(turns.length > 1 ? turns.shift()! : turns[0]!);
  };
};
const quiet = (seconds: number): TurnResult => ({ seconds, quiet: true });
const loud = (seconds: number): TurnResult => ({ seconds, quiet: false });

test("the median of an even number is the mean of the two in the middle", () => {
  expect(median([3])).toBe(3);
  expect(median([9, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 9])).toBe(3);
});

test("contestants take turns, and nobody always goes first", async () => {
  const order: string[] = [];
  const takes = ["a", "b", "c"].map((name) => script(order, name, [quiet(1)]));
  await race(takes, 3, 0);
  expect(order.join("")).toBe("abcbcacab");
});

test("a disturbed turn is repeated and does not count", async () => {
  const order: string[] = [];
  const turns = [loud(50), quiet(1), quiet(3), quiet(2)];
  const pause = (seconds: number) =>
    Promise.resolve(void order.push(`pause of ${seconds} at most`));
  const [placing] = await race([script(order, "a", turns)], 3, 60, pause);
  expect(placing).toEqual({ seconds: 2, quiet: true });
  expect(order).toEqual(["a", "pause of 60 at most", "a", "a", "a"]);
});

test("without patience disturbed turns count, and the placing says so", async () => {
  const [placing] = await race([script([], "a", [loud(50), loud(40), quiet(1)])], 3, 0);
  expect(placing).toEqual({ seconds: 40, quiet: false });
});

test.runIf(process.platform === "linux")(
  "work that another process does meanwhile is not quiet, one's own is",
  async () => {
    const burn = (milliseconds: number) => {
      const end = performance.now() + milliseconds;
      while (performance.now() < end);
      return Promise.resolve("done");
    };
    // Seen from a process that sleeps, the burning is foreign work.
    const { result, quiet } = await watch(process.ppid, () => burn(400));
    expect(result).toBe("done");
    expect(quiet).toBe(false);
  },
);

const numbers = Array.from({ length: 40 }, (_, i) => i * 37);

test("results made up for load tests pass the checks that real ones pass", () => {
  for (const i of numbers) {
    const challenge = aChallenge({
      ...syntheticConfiguration(i),
      unique: String(i).padStart(64, "0"),
    });
    expect(resultProblems(syntheticResult(i, challenge), micro, challenge)).toEqual([]);
  }
});

test("results made up for load tests share neither configuration nor counts", () => {
  const many = Array.from({ length: 10_000 }, (_, i) =>
    Object.values(syntheticConfiguration(i)).join(),
  );
  expect(new Set(many).size).toBe(many.length);
  const digests = numbers.flatMap((i) => syntheticResult(i, null).panel.map(countsDigest));
  expect(new Set(digests).size).toBe(digests.length);
});
