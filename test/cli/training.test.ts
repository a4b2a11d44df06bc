import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { describe, afterAll, beforeAll, expect, test } from "vitest";
import { Outcome } from "../../record/summary.ts";
import { loadDataset } from "../../harness/data/cached-dataset.ts";

describe("training", () => {
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

  const args = ["run", ...small, "--arch", "mlp-16", "--seeds", "1,2", "--out", "a", "--json"];
  let first: Awaited<ReturnType<typeof rademark>>;

  test("run prints one JSON document and leaves a folder whose manifest holds", async () => {
    first = await rademark(args);
    const { code, stdout, stderr } = first;
    expect(stderr).toContain("completed");
    expect(code).toBe(0);
    const outcome = outcomeOf(stdout);
    expect(outcome.runs.map(({ seed, status }) => [seed, status])).toEqual([
      [1, "completed"],
      [2, "completed"],
    ]);
    const { heads, controls, learnedComplexity } = outcome.runs[0]!;
    expect(heads).toHaveLength(13);
    expect(controls!.refit.map(({ tap, n }) => `${tap}/${n}`)).toContain("1/100");
    expect(learnedComplexity).toBeGreaterThan(-0.1);
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
    const second = await rademark(args);
    expect(second.stdout).toBe(first.stdout);
    expect(second.stderr).not.toContain("epoch");
  });

  test("Ctrl-C leaves a folder that resume finishes as if nothing had happened", async () => {
    const args = [
      "run",
      ...small,
      "--set",
      "epochs=15",
      "--arch",
      "cnn-2",
      "--seeds",
      "1",
      "--out",
    ];
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
    const grid = ["--arch", "mlp-16,mlp-8", "--reg", "none;wd=0.005", "--seeds", "1"];
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
    for (const run of diverged) expect(run.learnedComplexity).toBeNull();
    expect(summary.diverged).toBe(diverged.length);
    expect(summary.learnedComplexity).toBeNull();
  });
});

describe("how training ends", () => {
  const CLONE = join(import.meta.dirname, "../..");
  const root = mkdtempSync(join(tmpdir(), "rademark-endings-"));
  const out = join(root, "run");
  const checkpoint = join(out, "seeds/1/checkpoint.safetensors");
  const logFile = join(out, "log.txt");
  const log = () => (existsSync(logFile) ? readFileSync(logFile, "utf8") : "");

  /** One run, long enough for all; every case goes on with what the one before has left. */
  const words = [
    ...[
      "run",
      "-s",
      "rademark",
      "--",
      "run",
      "--protocol",
      "micro-1",
      "--set",
      "subset.perClass=20",
    ],
    ...["--set", "epochs=20000", "--arch", "mlp-8", "--seeds", "1", "--threads", "1", "--out", out],
  ];
  const line = ["npm", ...words].join(" ");

  beforeAll(async () => void (await loadDataset("cifar10")), 600_000);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  /** Starts the real chain, in a process group of its own, and waits until it trains. */
  async function training(command: string, args: string[], options: SpawnOptions = {}) {
    const seen = log().length;
    const child = spawn(command, args, { cwd: CLONE, detached: true, stdio: "pipe", ...options });
    let stderr = "";
    child.stderr?.on("data", (text: Buffer) => (stderr += text.toString()));
    const ended = once(child, "close") as Promise<[number | null, string | null]>;
    while (!log().slice(seen).includes('"epoch"'))
      await Promise.race([
        wait(50),
        ended.then(() => Promise.reject(new Error(`it ended early: ${stderr}`))),
      ]);
    return { child, ended, stderr: () => stderr };
  }

  /** Within ten seconds the lock is free and there is a checkpoint younger than the request. */
  async function expectKept(askedAt: number): Promise<void> {
    const began = performance.now();
    while (existsSync(join(out, ".lock")) && performance.now() - began < 15_000) await wait(20);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(existsSync(join(out, ".lock"))).toBe(false);
    expect(statSync(checkpoint).mtimeMs).toBeGreaterThan(askedAt - 50);
    expect(log().trimEnd().split("\n").at(-1)).toMatch(/ stopped$/);
  }

  const group = ({ pid }: ChildProcess, signal: NodeJS.Signals) => process.kill(-pid!, signal);

  test.each([
    ["SIGTERM to npm alone", (npm: ChildProcess) => npm.kill("SIGTERM")],
    ["SIGINT to npm alone", (npm: ChildProcess) => npm.kill("SIGINT")],
    [
      "SIGTERM to npm and to its group, as timeout sends it",
      (npm: ChildProcess) => npm.kill("SIGTERM") && group(npm, "SIGTERM"),
    ],
    [
      "SIGINT to the group, and again",
      async (npm: ChildProcess) => {
        group(npm, "SIGINT");
        await wait(300);
        if (npm.exitCode === null) group(npm, "SIGINT");
      },
    ],
  ])("%s: a checkpoint, the lock free, exit code 130", async (_, ask) => {
    const { child, ended, stderr } = await training("npm", words);
    const askedAt = Date.now();
    await ask(child);
    expect((await ended)[0], stderr()).toBe(130);
    expect(stderr()).toContain("Go on with: npm run -s rademark -- resume");
    await expectKept(askedAt);
  });

  test("SIGHUP to the group, by which npm dies, leaves the same", async () => {
    const { child } = await training("npm", words);
    const askedAt = Date.now();
    group(child, "SIGHUP");
    await expectKept(askedAt);
  });

  test("the end of npm alone, by a signal that nobody passes on, leaves the same", async () => {
    const { child } = await training("npm", words);
    const askedAt = Date.now();
    child.kill("SIGKILL");
    await expectKept(askedAt);
  });

  test("a terminal that is closed leaves the same", async () => {
    const terminal = `
import os, pty, sys, time
pid, master = pty.fork()
if pid == 0: os.execvp("npm", sys.argv[2:])
while not os.path.exists(sys.argv[1]):
    os.read(master, 65536)
os.close(master)
os.waitpid(pid, 0)`;
    const close = join(root, "close");
    const { ended } = await training("python3", ["-c", terminal, close, "npm", ...words]);
    const askedAt = Date.now();
    spawn("touch", [close]);
    await ended;
    await expectKept(askedAt);
  });

  test("output that nobody reads any more leaves the same", async () => {
    const shell = `${line.replace("epochs=20000", "epochs=3").replace("--seeds 1", "--seeds 1-200").replaceAll(out, `${out}-read`)} 2>&1 | head -n 1`;
    const child = spawn("sh", ["-c", shell], { cwd: CLONE, detached: true, stdio: "ignore" });
    await once(child, "close");
    const folder = `${out}-read`;
    const began = performance.now();
    while (existsSync(join(folder, ".lock")) && performance.now() - began < 15_000) await wait(20);
    expect(existsSync(join(folder, ".lock"))).toBe(false);
    expect(existsSync(join(folder, "seeds/1/final.json"))).toBe(true);
    expect(existsSync(join(folder, "seeds/200"))).toBe(false);
    expect(readFileSync(join(folder, "log.txt"), "utf8")).toMatch(/ stopped\n$/);
  });

  test("below nohup a hang-up changes nothing, though npm itself dies by it", async () => {
    const { child } = await training("bash", ["-c", `nohup ${line} & wait`]);
    const gone = once(child, "exit");
    group(child, "SIGHUP");
    await gone;
    await wait(1_000);
    const before = log().length;
    await wait(1_000);
    expect(log().length).toBeGreaterThan(before);
    const { pid } = JSON.parse(readFileSync(join(out, ".lock"), "utf8")) as { pid: number };
    const askedAt = Date.now();
    process.kill(pid, "SIGTERM");
    await expectKept(askedAt);
  });

  test("a request after more than a second ends at once what does not end", async () => {
    const module = join(CLONE, "harness/ending.ts");
    const hanging = `
    import { onStopRequest } from ${JSON.stringify(module)};
    onStopRequest(() => console.log("told"));
    setInterval(() => {}, 1_000);
    console.log("here");`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", hanging]);
    let said = "";
    child.stdout.on("data", (text: Buffer) => (said += text.toString()));
    const ended = once(child, "close");
    while (!said.includes("here")) await wait(20);
    child.kill("SIGTERM");
    child.kill("SIGHUP");
    await wait(1_300);
    expect(said).toBe("here\ntold\n");
    const began = performance.now();
    child.kill("SIGINT");
    expect(await ended).toEqual([130, null]);
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(said).toBe("here\ntold\ntold\n");
  });
});
