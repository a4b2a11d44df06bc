import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { Findings } from "../../record/replication/findings.ts";
import { type UnlistedRuns, sealUnlistedRuns } from "../../record/replication/reference.ts";
import type { Run } from "../../record/run.ts";
import { interpretationDocument } from "../../replicate/interpretation.ts";
import { filesOf, readReferenceFolder, staleFiles } from "../../replicate/findings-files.ts";
import { aWholeRun, micro } from "../world/runs.ts";
import { aResult, alice } from "../world/statements.ts";

const folder = mkdtempSync(join(tmpdir(), "rademark-findings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Ten runs, each with so many of 10,000 test images right. */
function cell(regs: string, testCorrect: readonly number[]): UnlistedRuns {
  const { engine, machine, harness } = aResult();
  const runs = testCorrect.map((correct, i): Run => {
    const run = aWholeRun({ arch: "mlp-128", regs, seed: i + 1 });
    return { ...run, final: { ...run.final!, testCorrect: correct } };
  });
  return {
    ...{ key: alice.key, inLog: false, base: "micro-1", settings: [], protocol: micro },
    ...{ headInput: "rms", arch: "mlp-128", regs, runs, engine, machine, harness },
  };
}

const WITHOUT = cell("noise=0.4", [3000, 3010, 3020, 3030, 3040, 3000, 3010, 3020, 3030, 3040]);
const WITH = cell("rl=10,noise=0.4", [3300, 3312, 3318, 3331, 3340, 3299, 3310, 3322, 3330, 3339]);

/** Puts these cells where a reference stands. */
async function reference(...cells: readonly UnlistedRuns[]): Promise<string[]> {
  const lines = await Promise.all(cells.map((each) => sealUnlistedRuns(each, alice.seed)));
  writeLines(lines);
  return lines;
}

const writeLines = (lines: readonly string[]) =>
  writeFileSync(join(folder, "runs.jsonl.gz"), gzipSync(lines.join("\n")));

async function filesHere(): Promise<{ files: Map<string, string>; status: string | undefined }> {
  const files = await filesOf(await readReferenceFolder(folder));
  const findings = Findings.parse(JSON.parse(files.get("record/replication/findings.json")!));
  const { verdicts } = findings.claims.find(({ id }) => id === "T11")!;
  return { files, status: verdicts.find(({ network }) => network === "mlp-128")?.status };
}

describe("what is written from a dump", () => {
  test("follows every number in it: one count changes the verdict, in all three files", async () => {
    await reference(WITHOUT, WITH);
    const before = await filesHere();
    expect(before.status).toBe("holds");
    expect(before.files.get("docs/replication.md")).toMatch(
      /\| mlp-128 +\| 3\.00 \[2\.9\d, 3\.0\d\] +\| 0\.50 +\| < \.001 +\| 10 +\| 20 +\| \*\*holds\*\*/,
    );
    expect(before.files.get("docs/interpretation.md")).toContain(
      "T11. With noisy labels suppression raises test accuracy: mlp-128 (3.00).",
    );
    const runs = WITH.runs.map((run) =>
      run.seed === 4 ? { ...run, final: { ...run.final!, testCorrect: 1331 } } : run,
    );
    await reference(WITHOUT, { ...WITH, runs });
    const after = await filesHere();
    expect(after.status).toBe("inconclusive");
    // But whether micro predicts big, which these runs say nothing of.
    const changed = [...after.files.keys()].filter((path) => !path.includes("micro-and-big"));
    expect(changed).toHaveLength(3);
    for (const path of changed)
      expect([path, after.files.get(path) === before.files.get(path)]).toEqual([path, false]);
    expect(after.files.get("docs/interpretation.md")).toContain("These runs cannot tell: mlp-128");
  });

  test("is no verdict while runs are missing", async () => {
    await reference(WITHOUT, { ...WITH, runs: WITH.runs.slice(1) });
    const { files, status } = await filesHere();
    expect(status).toBe("not yet run");
    expect(files.get("docs/replication.md")).toContain("**not yet run (19 of 20 runs)**");
  });

  test("is refused where a number was changed without the key", async () => {
    const [good, line] = await reference(WITHOUT, WITH);
    const envelope = JSON.parse(line!) as { payload: string };
    const payload = Buffer.from(envelope.payload, "base64").toString().replace("3331", "1331");
    const edited = { ...envelope, payload: Buffer.from(payload).toString("base64") };
    writeLines([good!, JSON.stringify(edited)]);
    await expect(readReferenceFolder(folder)).rejects.toThrow("runs.jsonl line 2");
    writeFileSync(join(folder, "runs.jsonl.gz"), "not gzip");
    await expect(readReferenceFolder(folder)).rejects.toThrow("is no whole gzip file");
  });

  test("is written by npm run findings, and --check says what is not up to date", async () => {
    await reference(WITHOUT, WITH);
    const { files } = await filesHere();
    const program = (...args: string[]) =>
      spawnSync(
        process.execPath,
        ["replicate/findings.ts", "--from", folder, "--out", folder, ...args],
        {
          encoding: "utf8",
        },
      );
    const early = program("--check");
    expect([early.status, early.stderr.split("\n")[0]]).toEqual([
      ...[
        3,
        `record/replication/findings.json is not what ${folder} gives: write it by npm run findings`,
      ],
    ]);
    const first = program();
    expect([first.status, first.stderr]).toEqual([0, ""]);
    expect(first.stdout).toMatch(/^20 runs were read\. Written: record/);
    expect(staleFiles(files, folder)).toEqual([]);
    const path = join(folder, "docs/replication.md");
    writeFileSync(path, readFileSync(path, "utf8").replace("holds", "fails"));
    expect(staleFiles(files, folder)).toEqual(["docs/replication.md"]);
  });
});

test("what is said of a network whose heads learn less than twice the margin names all that they learn", () => {
  const findings = Findings.parse(
    JSON.parse(readFileSync("record/replication/findings.json", "utf8")),
  );
  const said = (learned: number) => {
    const { verdicts } = findings.claims.find(({ id }) => id === "T7")!;
    const verdict = verdicts.find(({ network }) => network === "mlp-128")!;
    const value = { mean: learned, low: learned, high: learned, count: 10 };
    verdict.levels = [{ name: "tap 1", value, step: null }];
    return /T2\. .*mlp-128 \((.*?)\)/.exec(interpretationDocument(findings))![1];
  };
  expect(said(0.039)).toMatch(/^−\d\.\d\d of 3\.9$/);
  expect(said(0.041)).toMatch(/^−\d\.\d\d$/);
});

test("the committed verdicts and documents are what the committed reference gives", async () => {
  const files = await filesOf(await readReferenceFolder("reference"));
  expect(staleFiles(files, ".")).toEqual([]);
});
