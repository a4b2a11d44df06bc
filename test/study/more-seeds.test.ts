import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fewSeeds } from "../../harness/cli/seed-notes.ts";
import { keepSeeds, openFolder, withSeeds } from "../../harness/study/run-folder.ts";
import { lockFolder } from "../../harness/train/run-lock.ts";
import { deriveProtocol } from "../../record/derived-protocol.ts";
import { aWorkbench } from "../world/command-line.ts";
import { aConfiguration, aFolder, aTrainedFolder } from "../world/run-folders.ts";
import { micro } from "../world/runs.ts";

const run = ["run", "--protocol", "micro-1", "--arch", "mlp-8", "--out", "runs/a", "--seeds"];
const pair = ["sweep", "--protocol", "micro-1", "--arch", "mlp-8,mlp-9", "--out", "runs/grid"];

const json = <T>(...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8")) as T;
const seedsOf = (folder: string) => json<{ seeds: number[] }>(folder, "config.json").seeds;

/** When each final.json was written, and its bytes: what must not change. */
const finals = (folder: string, seeds: readonly number[]) =>
  seeds.map((seed) => {
    const path = join(folder, "seeds", String(seed), "final.json");
    return [statSync(path).mtimeMs, readFileSync(path, "utf8")];
  });

test("a run gets more seeds: only these are trained, and summary and manifest follow", async () => {
  const { cwd, run: rademark } = aWorkbench();
  const folder = join(cwd, "runs/a");
  await rademark([...run, "3,1"]);
  const before = finals(folder, [3, 1]);
  const { code, stderr, stdout } = await rademark([...run, "1-4,9", "--json"]);
  expect(code).toBe(0);
  expect(stderr).toContain("runs/a: 2 seeds are there, 3 to train: 2, 4, 9.\n");
  expect(stderr).not.toMatch(/seed [13] /);
  expect(seedsOf(folder)).toEqual([3, 1, 2, 4, 9]);
  expect(finals(folder, [3, 1])).toEqual(before);
  const { runs } = JSON.parse(stdout) as { runs: { seed: number }[] };
  expect(runs.map(({ seed }) => seed)).toEqual([3, 1, 2, 4, 9]);
  expect(json(folder, "summary.json")).toMatchObject({ runs: { length: 5 } });
  const { files } = json<{ files: { path: string }[] }>(folder, "manifest.json");
  expect(files.map(({ path }) => path)).toContain("seeds/9/final.json");
  expect((await rademark(["report", "runs/a"])).code).toBe(0);
});

test("seeds that are there, in any order and number, are nothing to do, and it is said", async () => {
  const { cwd, run: rademark } = aWorkbench();
  await rademark([...run, "1-4"]);
  const folder = join(cwd, "runs/a");
  const before = [statSync(join(folder, "config.json")).mtimeMs, finals(folder, [1, 2, 3, 4])];
  for (const seeds of ["4,3,2,1", "2", "1-4"]) {
    const { code, stderr } = await rademark([...run, seeds]);
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("runs/a: all 4 seeds are there, nothing to train.\n"),
    ]);
  }
  expect([statSync(join(folder, "config.json")).mtimeMs, finals(folder, [1, 2, 3, 4])]).toEqual(
    before,
  );
});

test("resume adds seeds to every configuration of a sweep, whatever each has", async () => {
  const { cwd, run: rademark } = aWorkbench();
  const grid = join(cwd, "runs/grid");
  await rademark([...pair, "--seeds", "panel"]);
  await rademark(["resume", "runs/grid/mlp-9+none", "--seeds", "8"]);
  const { code, stderr } = await rademark(["resume", "runs/grid", "--seeds", "panel+3"]);
  expect(code).toBe(0);
  expect(stderr).toContain("runs/grid, 2 configurations: 11 runs are there, 5 to train.\n");
  expect(seedsOf(join(grid, "mlp-8+none"))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(seedsOf(join(grid, "mlp-9+none"))).toEqual([1, 2, 3, 4, 5, 8, 6, 7]);
  const compared = await rademark(["compare", "runs/grid", "--json"]);
  const { comparisons } = JSON.parse(compared.stdout) as { comparisons: { seeds: number[] }[] };
  expect(comparisons[0]!.seeds).toHaveLength(8);
});

test("a sweep that names some configurations gives seeds to these alone", async () => {
  const { cwd, run: rademark } = aWorkbench();
  await rademark([...pair, "--seeds", "1,2"]);
  const { stderr } = await rademark(
    [...pair, "--seeds", "1-3"].map((word) => word.replace("mlp-8,mlp-9", "mlp-9,mlp-10")),
  );
  expect(stderr).toContain("runs/grid, 2 configurations: 2 runs are there, 4 to train.");
  // mlp-8, which is in the folder, counts.
  expect(stderr).toContain(
    "These 3 configurations share 2 seeds: compare and report test no difference",
  );
  expect(seedsOf(join(cwd, "runs/grid/mlp-8+none"))).toEqual([1, 2]);
});

test("other differences are refused as before, and no seed is added", async () => {
  const { cwd, run: rademark } = aWorkbench();
  await rademark([...run, "1", "--threads", "2"]);
  for (const [words, says] of [
    [["--limit", "3"], "limit: there null, asked for 3"],
    [["--threads", "1"], "threads: there 2, asked for 1"],
    [["--save", "features"], 'save: there [], asked for ["features"]'],
  ] as const) {
    const { code, stderr } = await rademark([...run, "1,2", ...words]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
    expect(stderr).not.toContain("seeds: there");
  }
  expect(seedsOf(join(cwd, "runs/a"))).toEqual([1]);
});

test("Ctrl-C among added seeds loses none, and resume trains the rest", async () => {
  const bench = aWorkbench({ epochs: 200, epochMilliseconds: 5 });
  const folder = join(bench.cwd, "runs/a");
  const quick = (script: object) =>
    writeFileSync(join(bench.cwd, "runs/.script.json"), JSON.stringify(script));
  quick({});
  await bench.run([...run, "1,2"]);
  const before = finals(folder, [1, 2]);
  quick({ epochs: 200, epochMilliseconds: 5 });
  let stderr = "";
  const stopped = await bench.run([...run, "1-4"], {
    err(text) {
      stderr += text;
      if (text.includes("epoch 1/")) bench.interrupt();
    },
  });
  expect(stopped.code).toBe(130);
  expect(stderr).toContain("Go on with: rademark resume runs/a");
  expect([
    existsSync(join(folder, "manifest.json")),
    existsSync(join(folder, "summary.json")),
  ]).toEqual([false, false]);
  const report = await bench.run(["report", "runs/a"]);
  expect(report.code, report.stderr).toBe(0);
  expect(readFileSync(join(folder, "report.html"), "utf8")).not.toContain("disagrees");
  quick({});
  const resumed = await bench.run(["resume", "runs/a"]);
  expect(resumed.stderr).toContain("runs/a: 2 seeds are there, 2 to train: 3, 4.");
  expect(finals(folder, [1, 2])).toEqual(before);
  expect(seedsOf(folder)).toEqual([1, 2, 3, 4]);
});

test("a crash at any moment of the adding leaves a folder that resume finishes", async () => {
  const folder = await aTrainedFolder(join(aFolder(), "a"), { seeds: [1, 2] });
  const grown = withSeeds(folder, [7]);
  expect(grown.configuration.seeds).toEqual([1, 2, 7]);
  // The new config.json cannot be written: as if the process had died just before.
  const blocked = join(folder.path, `.config.json.${process.pid}.tmp`);
  mkdirSync(blocked);
  expect(() => keepSeeds(grown)).toThrow();
  expect(seedsOf(folder.path)).toEqual([1, 2]);
  expect(existsSync(join(folder.path, "manifest.json"))).toBe(false);
  rmSync(blocked, { recursive: true, force: true });
  expect(keepSeeds(grown).configuration.seeds).toEqual([1, 2, 7]);
  expect(readdirSync(folder.path)).not.toContain("manifest.json");
  // Seeds that somebody else has added meanwhile stay.
  expect(keepSeeds(withSeeds(folder, [5])).configuration.seeds).toEqual([1, 2, 7, 5]);
  expect(openFolder(folder.path).configuration.seeds).toEqual([1, 2, 7, 5]);
});

test("a configuration in use gets its seeds when it is free, else it is said how to go on", async () => {
  const { cwd, run: rademark } = aWorkbench();
  await rademark([...pair, "--seeds", "1"]);
  const busy = join(cwd, "runs/grid/mlp-8+none");
  const lock = await lockFolder(busy);
  let said = "";
  const { code, stderr } = await rademark([...pair, "--seeds", "1,2"], {
    err: (text) => void (said += text),
  }).finally(() => lock.release());
  expect([code, stderr]).toEqual([2, ""]); // `said` has it
  expect(said).toContain("mlp-8 none skipped: ");
  expect(said).toContain("mlp-9 none seed 2 completed");
  expect(said).toContain(`Try again with: rademark ${pair.join(" ")} --seeds 1,2\n`);
  expect(seedsOf(busy)).toEqual([1]);
  expect((await rademark([...pair, "--seeds", "1,2"])).code).toBe(0);
  expect(seedsOf(busy)).toEqual([1, 2]);
});

test("seeds added while another sweep trains in the folder are all trained, once each", async () => {
  const bench = aWorkbench({ epochs: 40, epochMilliseconds: 10 });
  let all = "";
  let second: ReturnType<typeof bench.run> | null = null;
  const first = bench.run([...pair, "--seeds", "1,2"], {
    err(text) {
      all += text;
      if (text.includes("seed 1 completed")) second ??= bench.run([...pair, "--seeds", "1-3"]);
    },
  });
  // Whoever finds a folder in use to the end says so by its exit code.
  expect([0, 2]).toContain((await first).code);
  const { stderr } = await second!;
  expect((await bench.run([...pair, "--seeds", "1-3"])).stderr).toContain("all 6 runs are there");
  all += stderr;
  for (const arch of ["mlp-8", "mlp-9"])
    for (const seed of [2, 3])
      expect(all.split(`${arch} none seed ${seed} completed`)).toHaveLength(2);
  for (const name of ["mlp-8+none", "mlp-9+none"]) {
    const folder = join(bench.cwd, "runs/grid", name);
    expect(seedsOf(folder)).toEqual([1, 2, 3]);
    expect(json(folder, "summary.json")).toMatchObject({ runs: { length: 3 } });
  }
  expect((await bench.run(["report", "runs/grid"])).code).toBe(0);
});

test("a configuration whose folder is gone is named by resume, and made anew by the sweep", async () => {
  const { cwd, run: rademark } = aWorkbench();
  await rademark([...pair, "--seeds", "1"]);
  const [gone, kept] = ["mlp-8+none", "mlp-9+none"].map((name) => join(cwd, "runs/grid", name));
  rmSync(gone!, { recursive: true });
  const resumed = await rademark(["resume", "runs/grid", "--seeds", "1-2"]);
  expect(resumed.code).toBe(2);
  expect(resumed.stderr).toContain("mlp-8+none has no config.json, but sweep.json");
  expect([existsSync(gone!), seedsOf(kept!)]).toEqual([false, [1]]);
  expect((await rademark([...pair, "--seeds", "1-2"])).code).toBe(0);
  expect([seedsOf(gone!), seedsOf(kept!)]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test("a changed or damaged run is found before seeds are added, not covered by a new manifest", async () => {
  const { cwd, run: rademark } = aWorkbench();
  await rademark([...pair, "--seeds", "1"]);
  const final = join(cwd, "runs/grid/mlp-9+none/seeds/1/final.json");
  const whole = readFileSync(final, "utf8");
  for (const [text, says] of [
    [
      whole.replace(/"testCorrect": \d+/, '"testCorrect": 4999'),
      "was changed after training finished",
    ],
    [whole.slice(0, 300), "was changed after training finished"],
  ] as const) {
    writeFileSync(final, text);
    const { code, stderr } = await rademark(["resume", "runs/grid", "--seeds", "1,2"]);
    expect([code, stderr]).toEqual([3, expect.stringContaining(says)]);
    for (const name of ["mlp-8+none", "mlp-9+none"]) {
      const folder = join(cwd, "runs/grid", name);
      expect([seedsOf(folder), existsSync(join(folder, "manifest.json"))]).toEqual([[1], true]);
    }
  }
});

test("a folder committed to a challenge takes no seeds before it is listed; then it says what its entry keeps", async () => {
  const { cwd, run: rademark } = aWorkbench();
  const folder = join(cwd, "runs/a");
  await rademark([...run, "panel"]);
  for (const file of ["commitment.json", "challenge.json", "entry.json"]) {
    writeFileSync(join(folder, file), "{}");
    const { code, stderr } = await rademark(["resume", "runs/a", "--seeds", "panel+1"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("is committed to a challenge")]);
    expect([seedsOf(folder).length, existsSync(join(folder, "manifest.json"))]).toEqual([5, true]);
    // Without more seeds it goes on as before.
    expect((await rademark(["resume", "runs/a"])).code).toBe(0);
    rmSync(join(folder, file));
  }
  writeFileSync(join(folder, "commitment.json"), "{}");
  writeFileSync(join(folder, "receipt.json"), "{}");
  const { code, stderr } = await rademark(["resume", "runs/a", "--seeds", "panel+1"]);
  expect(code).toBe(0);
  expect(stderr).toContain("runs/a is signed: its entry keeps the runs that it was signed with");
  expect(seedsOf(folder)).toEqual([1, 2, 3, 4, 5, 6]);
});

test("seeds made by another version or machine are told apart from those that env.json describes", async () => {
  const { cwd, run: rademark } = aWorkbench();
  await rademark([...run, "1"]);
  const file = join(cwd, "runs/a/env.json");
  const environment = json<{ harness: string }>(file);
  writeFileSync(file, JSON.stringify({ ...environment, harness: "0.1.9" }));
  const { stderr } = await rademark([...run, "1,2"]);
  expect(stderr).toContain(
    `runs/a was begun elsewhere (harness 0.1.9, now ${environment.harness})`,
  );
  expect(readFileSync(join(cwd, "runs/a/log.txt"), "utf8")).toContain(
    "seeds 2 added; begun elsewhere (harness 0.1.9",
  );
  expect(existsSync(join(cwd, "runs/a/seeds/1/env.json"))).toBe(false);
  expect(json(cwd, "runs/a/seeds/2/env.json")).toMatchObject([{ harness: environment.harness }]);
  expect(json<{ harness: string }>(file).harness).toBe("0.1.9");
  expect((await rademark(["resume", "runs/a"])).stderr).not.toContain("begun elsewhere");
});

test("10,000 seeds are taken, and one more is refused before anything is written", async () => {
  const folder = await aTrainedFolder(join(aFolder(), "a"), { seeds: [1, 2] });
  const many = Array.from({ length: 10_000 }, (_, i) => i + 1);
  expect(keepSeeds(withSeeds(folder, many)).configuration.seeds).toHaveLength(10_000);
  expect(openFolder(folder.path).configuration.seeds).toHaveLength(10_000);
  expect(() => withSeeds(openFolder(folder.path), [10_001])).toThrow("would have 10001 seeds");
  const { run: rademark, cwd } = aWorkbench();
  for (const seeds of ["1-10001", "1-6000,7000-12000"]) {
    const { code, stderr } = await rademark([...run, seeds]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("10000")]);
  }
  expect(existsSync(join(cwd, "runs/a"))).toBe(false);
});

const planned = (seeds: number[], protocol = micro) => ({
  configuration: aConfiguration({ seeds }),
  protocol,
});

test("what few seeds forbid is said: comparisons, a place on a board", () => {
  expect(fewSeeds([planned([1, 2, 3, 4, 5])])).toEqual([]);
  expect(fewSeeds([planned([1, 2, 3])])).toEqual([
    "3 seeds are too few to compare with another configuration: that takes 5 which both have. More can be added later.",
    "Without seeds 4, 5 of the panel no server lists it.",
  ]);
  expect(fewSeeds([planned([5])])[0]).toContain("One seed gives no interval");
  expect(fewSeeds([planned([1, 2, 3, 4, 5, 6]), planned([2, 3, 4, 5, 6, 7])])).toEqual([
    "Without seed 1 of the panel no server lists them.",
  ]);
  expect(fewSeeds([planned([1, 2, 3, 4, 5]), planned([6, 7, 8, 9, 10])])[0]).toContain(
    "These 2 configurations share no seed",
  );
  const own = deriveProtocol(micro, ["epochs=2"]);
  const configuration = aConfiguration({ seeds: [1, 2], protocolId: "0".repeat(64) });
  expect(fewSeeds([{ configuration, protocol: own }])).toHaveLength(1);
});

test("sweep and validate say it at their start, on stderr, unless they are quiet", async () => {
  const { run: rademark } = aWorkbench();
  const sentence = "These 2 configurations share 2 seeds";
  const swept = await rademark([...pair, "--seeds", "1,2"]);
  expect(swept.stderr.indexOf(sentence)).toBeGreaterThanOrEqual(0);
  expect(swept.stderr.indexOf(sentence)).toBeLessThan(swept.stderr.indexOf("completed"));
  const words = ["validate", ...pair.slice(1, -2), "--seeds", "1,2"];
  expect((await rademark(words)).stderr).toContain(sentence);
  expect((await rademark([...words, "--quiet"])).stderr).not.toContain(sentence);
});
