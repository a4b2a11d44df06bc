/** @file The document keeps what a person wrote, and the verdicts are those of the goals. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  type BenchResult,
  goalTable,
  speedTable,
  writeDocument,
} from "../../bench/training/bench.ts";
import { EXIT } from "../../harness/errors.ts";
import { rademark } from "../world/command-line.ts";

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
    harness: "0.1.0",
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
    memory: { steps: [0, 500, 1000], tensors: [9, 10, 12], residentBytes: [50, 100, 101] },
  },
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

test("an unknown name is refused before anything starts, with a suggestion", async () => {
  const { code, stdout, stderr } = await rademark(["bench", "--only", "mlp-51"]);
  expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: "" });
  expect(stderr).toMatch(/--only: "mlp-51".*mlp-512/s);
});
