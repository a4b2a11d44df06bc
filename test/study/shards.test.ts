import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { safetensorsParts } from "../../harness/engine/safetensors.ts";
import { itemsOf, readShard, shardAt } from "../../harness/study/shards.ts";
import { batchScript, sbatchArguments } from "../../harness/study/slurm/batch-script.ts";
import { readSbatchOptions } from "../../harness/study/slurm/sbatch-options.ts";
import { checkpointProgress } from "../../harness/train/checkpoint-progress.ts";
import { aFolder } from "../world/run-folders.ts";

test("every configuration is in exactly one part, and parts differ by at most one", () => {
  for (let count = 0; count <= 12; count++)
    for (let of = 1; of <= 15; of++) {
      const items = Array.from({ length: count }, (_, k) => k);
      const parts = Array.from({ length: of }, (_, i) => itemsOf(items, { index: i + 1, of }));
      expect(parts.flat().sort((a, b) => a - b)).toEqual(items);
      const sizes = parts.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      for (const k of items) expect(parts[shardAt(k, of).index - 1]).toContain(k);
    }
  expect(itemsOf(["a", "b", "c", "d", "e"], readShard("2/3"))).toEqual(["b", "e"]);
});

test.each(["0/3", "4/3", "1/0", "1", "a/b", "1/2/3", "-1/3", "1/9999999"])(
  "part %s is refused",
  (text) => {
    expect(() => readShard(text)).toThrow("I/N is part I of N");
  },
);

test("options of sbatch are words as in a shell, and those that are ours are refused with the reason", () => {
  expect(readSbatchOptions(`-p gpu --comment="a b" -t '4:00:00' --x=\\"y`)).toEqual([
    ...["-p", "gpu", "--comment=a b", "-t", "4:00:00", `--x="y`],
  ]);
  expect(readSbatchOptions("  ")).toEqual([]);
  expect(() => readSbatchOptions("--comment='a")).toThrow("the quote is not closed");
  for (const option of [
    "--array=0-3",
    "-a0-3",
    "--signal=USR1@5",
    "--out=x",
    "-o x",
    "-J name",
    "--wrap=ls",
  ])
    expect(() => readSbatchOptions(option)).toThrow(option.split(" ")[0]);
  expect(() => readSbatchOptions("--array %8")).toThrow("write --array=%8");
});

const submission = {
  ...{ batch: "/disk/o'ne %b/.slurm/1", name: "rademark-x-1", tasks: 7, cpus: 4 },
  program: ["/bin/echo", "a module"],
  variables: { RADEMARK_CACHE: "/a $HOME/`b`" },
} as const;

test("a person's options come where they count, and paths reach Slurm as they are", () => {
  const words = sbatchArguments({ ...submission, more: ["-c", "8", "--array=%3"] });
  expect(words.indexOf("-c")).toBeGreaterThan(words.indexOf("--cpus-per-task=4"));
  expect(words).toContain("--array=0-6%3");
  expect(words).toContain("--output=/disk/o'ne %%b/.slurm/1/%a.out");
  expect(words.at(-1)).toBe("/disk/o'ne %b/.slurm/1/script.sh");
  const odd = { ...submission, batch: "/a\\b", more: [] };
  expect(() => sbatchArguments(odd)).toThrow("backslash");
});

test("the script gives the task its words, whatever characters they have", () => {
  const script = join(aFolder(), "script.sh");
  writeFileSync(
    script,
    batchScript({ ...submission, more: [] }).replace("exec", "env | grep ^RADEMARK_C; exec"),
  );
  const env = { PATH: process.env.PATH, SLURM_ARRAY_TASK_ID: "3", npm_lifecycle_event: "x" };
  expect(execFileSync("bash", [script], { env, encoding: "utf8" })).toBe(
    "RADEMARK_CACHE=/a $HOME/`b`\na module /disk/o'ne %b/.slurm/1 3\n",
  );
});

test("a checkpoint's header tells how far a run has come; what is no checkpoint tells nothing", () => {
  const file = join(aFolder(), "checkpoint.safetensors");
  const metadata = { run: "r", progress: JSON.stringify({ epochs: [{}, {}], step: 7 }) };
  const tensors = [{ name: "w", shape: [2], values: new Float32Array(2) }];
  const bytes = Buffer.concat(safetensorsParts({ tensors, metadata }));
  writeFileSync(file, bytes);
  expect(checkpointProgress(file)).toEqual({ epochs: 2, step: 7 });
  for (const damaged of [bytes.subarray(0, 20), Buffer.from("no"), Buffer.alloc(40, 255)]) {
    writeFileSync(file, damaged);
    expect(checkpointProgress(file)).toBeNull();
  }
  expect(checkpointProgress(`${file}.gone`)).toBeNull();
});
