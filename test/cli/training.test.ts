import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Outcome } from "../../record/summary.ts";
import { loadDataset } from "../../harness/data/cached-dataset.ts";

const root = mkdtempSync(join(tmpdir(), "rademark-train-"));
const entry = join(import.meta.dirname, "../../harness/cli/rademark.ts");
const small = ["--protocol", "micro-1", "--set", "subset.perClass=20", "--set", "epochs=3"];
const out = (name: string) => join(root, name);

beforeAll(async () => void (await loadDataset("cifar10")), 600_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The real command in a process of its own; Ctrl-C once stderr has `interruptAt`. */
function rademark(args: string[], interruptAt = "") {
  const child = spawn(process.execPath, [entry, ...args], { cwd: root });
  let [stdout, stderr, interrupted] = ["", "", interruptAt === ""];
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
    if (!interrupted && stderr.includes(interruptAt)) interrupted = child.kill("SIGINT");
  });
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout, stderr })),
  );
}

/** The document of `--json`, and that a derived protocol stamps it. */
function outcomeOf(stdout: string): Outcome {
  const { unsubmittable, ...outcome } = JSON.parse(stdout) as { unsubmittable: unknown };
  expect(unsubmittable).not.toHaveLength(0);
  return Outcome.parse(outcome);
}

test("run prints one JSON document and leaves a folder whose manifest holds", async () => {
  const args = ["run", ...small, "--arch", "mlp-16", "--seeds", "1,2", "--out", "a", "--json"];
  const { code, stdout, stderr } = await rademark(args);
  expect(stderr).toContain("completed");
  expect(code).toBe(0);
  const outcome = outcomeOf(stdout);
  expect(outcome.runs.map(({ seed, status }) => [seed, status])).toEqual([
    [1, "completed"],
    [2, "completed"],
  ]);
  const { heads, controls, complexity } = outcome.runs[0]!;
  expect(heads).toHaveLength(13);
  expect(controls!.refit.map(({ tap, n }) => `${tap}/${n}`)).toContain("1/100");
  expect(complexity).toBeGreaterThan(-0.1);
  const manifest = JSON.parse(readFileSync(join(out("a"), "manifest.json"), "utf8")) as {
    files: { path: string; sha256: string }[];
  };
  expect(manifest.files.map(({ path }) => path)).toContain("seeds/2/final.json");
  for (const { path, sha256 } of manifest.files) {
    const bytes = readFileSync(join(out("a"), path));
    expect(createHash("sha256").update(bytes).digest("hex"), path).toBe(sha256);
  }
});

test("doing it again trains nothing and prints the same document", async () => {
  const args = ["run", ...small, "--arch", "mlp-16", "--seeds", "1,2", "--out", "a", "--json"];
  const first = await rademark(args);
  const second = await rademark(args);
  expect(second.stdout).toBe(first.stdout);
  expect(second.stderr).not.toContain("epoch");
});

test("Ctrl-C leaves a folder that resume finishes as if nothing had happened", async () => {
  const args = ["run", ...small, "--set", "epochs=40", "--arch", "cnn-4", "--seeds", "1", "--out"];
  const whole = await rademark([...args, "whole"]);
  expect(whole.code).toBe(0);
  const stopped = await rademark([...args, "stopped"], "epoch");
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toContain("resume");
  expect(existsSync(join(out("stopped"), "seeds/1/final.json"))).toBe(false);
  expect((await rademark(["resume", "stopped"])).code).toBe(0);
  const final = (name: string) => {
    const run = JSON.parse(readFileSync(join(out(name), "seeds/1/final.json"), "utf8")) as object;
    return { ...run, timing: null };
  };
  expect(final("stopped")).toEqual(final("whole"));
});

test("a sweep trains every pair, and compare and report read it", async () => {
  const grid = ["--arch", "mlp-16,mlp-8", "--reg", "none;wd=0.005", "--seeds", "1,2"];
  const sweep = await rademark(["sweep", ...small, ...grid, "--jobs", "2", "--out", "grid"]);
  expect(sweep.code).toBe(0);
  const compared = await rademark(["compare", "grid", "--json"]);
  expect(compared.code).toBe(0);
  expect(JSON.stringify(JSON.parse(compared.stdout))).toContain("testAccuracy");
  const report = await rademark(["report", "grid"]);
  expect(report.code).toBe(0);
  expect(readFileSync(join(out("grid"), "report.html"), "utf8")).toContain("mlp-16 wd=0.005");
});

test("another configuration in the same folder is refused, and nothing is overwritten", async () => {
  const before = readFileSync(join(out("a"), "config.json"), "utf8");
  const other = await rademark(["run", ...small, "--arch", "mlp-32", "--out", "a"]);
  expect(other.code).toBe(2);
  expect(other.stderr).toContain("holds another configuration");
  expect(readFileSync(join(out("a"), "config.json"), "utf8")).toBe(before);
});

test("a diverged run is a result: recorded with its counts so far, and the rest goes on", async () => {
  const args = ["run", ...small, "--set", "learningRate.peak=100", "--set", "clipNorm=null"];
  const { code, stdout } = await rademark([
    ...[...args, "--set", "epochs=8", "--arch", "mlp-16", "--seeds", "1,2"],
    ...["--out", "diverged", "--json"],
  ]);
  expect(code).toBe(0);
  const { runs, summary } = outcomeOf(stdout);
  expect(runs.map(({ seed }) => seed)).toEqual([1, 2]);
  const diverged = runs.filter(({ status }) => status === "diverged");
  expect(diverged).not.toHaveLength(0);
  for (const run of diverged) expect(run.complexity).toBeNull();
  expect(summary.diverged).toBe(diverged.length);
  expect(summary.complexity).toBeNull();
});
