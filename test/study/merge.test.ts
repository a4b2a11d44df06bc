import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockFolder } from "../../harness/train/run-lock.ts";
import { type Workbench, aWorkbench } from "../world/command-line.ts";

const sweep = ["sweep", "--protocol", "micro-1", "--arch", "mlp-8,mlp-9,mlp-10", "--threads", "1"];
const NAMES = ["mlp-8+none", "mlp-9+none", "mlp-10+none"];

interface Written {
  jobs: number;
  folders: string[];
  whole?: unknown;
}
const json = <T>(...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8")) as T;

/** Parts 1 and 2 of 2, in folders of their own; workers are scripted, so that every training has other numbers. */
async function parts(seeds = "1,2"): Promise<Workbench> {
  const bench = aWorkbench();
  for (const i of [1, 2]) {
    const words = [...sweep, "--seeds", seeds, "--shard", `${i}/2`, "--out", `part-${i}`];
    expect((await bench.run(words)).code).toBe(0);
  }
  return bench;
}

const merged = ["merge", "part-2", "part-1", "--out", "all"];

test("parts become one sweep in its order, whatever order they are named in, and stay as they are", async () => {
  const { cwd, run } = await parts();
  const before = json<Written>(cwd, "part-1", "sweep.json");
  expect(before).toEqual({
    jobs: 1,
    folders: [NAMES[0], NAMES[2]],
    whole: { folders: NAMES, parts: 2 },
  });
  const { code, stdout } = await run(merged);
  expect([code, stdout.match(/^mlp-\d+/gm)]).toEqual([0, ["mlp-8", "mlp-9", "mlp-10"]]);
  expect(json(cwd, "all", "sweep.json")).toEqual({ jobs: 1, folders: NAMES });
  expect(json(cwd, "part-1", "sweep.json")).toEqual(before);
  const manifest = (folder: string) => readFileSync(join(cwd, folder, "manifest.json"), "utf8");
  expect(manifest(`all/${NAMES[1]}`)).toBe(manifest(`part-2/${NAMES[1]}`));
  expect((await run(["report", "all"])).code).toBe(0);
});

test("a missing part and missing seeds are named, with what trains them, and nothing is written", async () => {
  const { cwd, run } = await parts();
  rmSync(join(cwd, "part-1", NAMES[2]!, "seeds/2"), { recursive: true });
  rmSync(join(cwd, "part-1", NAMES[2]!, "manifest.json"));
  const { code, stderr } = await run(["merge", "part-1", "--out", "all"]);
  expect(code).toBe(2);
  expect(stderr).toContain(
    "part 2/2 is not there: mlp-9+none. Train it by the same sweep with --shard 2/2",
  );
  expect(stderr).toContain("part-1/mlp-10+none lacks seed 2: rademark resume part-1/mlp-10+none");
  expect(existsSync(join(cwd, "all"))).toBe(false);
  expect((await run(["resume", "part-1/mlp-10+none"])).code).toBe(0);
  expect((await run(merged)).code).toBe(0);
});

test("parts of one folder leave what one machine leaves, in any order", async () => {
  const { cwd, run } = aWorkbench();
  for (const i of [3, 1, 2]) {
    const { code } = await run([
      ...sweep,
      "--seeds",
      "1",
      "--shard",
      `${i}/3`,
      "--out",
      "runs/shared",
    ]);
    expect(code).toBe(0);
  }
  expect(json(cwd, "runs/shared/sweep.json")).toEqual({ jobs: 1, folders: NAMES });
});

test("a part beyond the last configuration is empty, and merges", async () => {
  const { cwd, run } = aWorkbench();
  for (const i of [1, 2, 3, 4]) {
    const { code, stderr } = await run([
      ...sweep,
      "--seeds",
      "1",
      "--shard",
      `${i}/4`,
      "--out",
      `part-${i}`,
    ]);
    expect([code, stderr.includes("Part 4/4 is empty: the sweep has 3 configurations.")]).toEqual([
      0,
      i === 4,
    ]);
  }
  expect((await run(["report", "part-4"])).stderr).toContain("has no configuration of its own");
  expect((await run(["merge", ...[4, 3, 2, 1].map((i) => `part-${i}`), "--out", "all"])).code).toBe(
    0,
  );
  expect(json<Written>(cwd, "all", "sweep.json").folders).toEqual(NAMES);
});

test("an interrupted merge goes on, and one more sweep is added to what is merged", async () => {
  const { cwd, run } = await parts();
  await run(merged);
  // as if it had ended in the middle of the last folder
  rmSync(join(cwd, "all/sweep.json"));
  rmSync(join(cwd, "all", NAMES[2]!), { recursive: true });
  mkdirSync(join(cwd, "all", `.${NAMES[2]}.tmp`));
  expect((await run(merged)).code).toBe(0);
  expect(existsSync(join(cwd, "all", `.${NAMES[2]}.tmp`))).toBe(false);
  const more = [
    "sweep",
    "--protocol",
    "micro-1",
    "--arch",
    "mlp-11",
    "--seeds",
    "1",
    "--threads",
    "1",
  ];
  await run([...more, "--out", "more"]);
  expect((await run(["merge", "more", "--out", "all"])).code).toBe(0);
  expect(json<Written>(cwd, "all", "sweep.json").folders).toEqual([...NAMES, "mlp-11+none"]);
});

test("seeds of one configuration from two folders are united, each with its machine", async () => {
  const { cwd, run } = await parts("1");
  const other = [
    "sweep",
    "--protocol",
    "micro-1",
    "--arch",
    "mlp-9",
    "--seeds",
    "2,3",
    "--threads",
    "1",
  ];
  await run([...other, "--out", "other"]);
  const environment = json<object>(cwd, "other/mlp-9+none/env.json");
  const elsewhere = { ...environment, cpu: "Another Processor" };
  writeFileSync(join(cwd, "other/mlp-9+none/env.json"), JSON.stringify(elsewhere));
  const { code, stdout } = await run(["merge", "part-1", "part-2", "other", "--out", "all"]);
  expect(code).toBe(0);
  expect(stdout).toContain("Another Processor");
  const folder = join(cwd, "all/mlp-9+none");
  expect(json(folder, "config.json")).toMatchObject({ seeds: [1, 2, 3] });
  expect(json(folder, "seeds/3/env.json")).toMatchObject([{ cpu: "Another Processor" }]);
  expect(existsSync(join(folder, "seeds/1/env.json"))).toBe(false);
  expect(json(folder, "summary.json")).toMatchObject({ runs: { length: 3 } });
});

test("the same run twice is one, and two outcomes of one seed are refused", async () => {
  const { cwd, run } = await parts();
  cpSync(join(cwd, "part-1"), join(cwd, "copy"), { recursive: true });
  const final = join(cwd, "copy", NAMES[0]!, "seeds/1/final.json");
  const changed = readFileSync(final, "utf8").replace(
    /"trainSeconds": [\d.]+/,
    '"trainSeconds": 999',
  );
  writeFileSync(final, changed);
  rmSync(join(cwd, "copy", NAMES[0]!, "manifest.json"));
  expect((await run(["merge", "part-1", "part-2", "copy", "--out", "all"])).code).toBe(0);
  await run([...sweep, "--seeds", "2", "--shard", "1/2", "--out", "again"]);
  const { code, stderr } = await run(["merge", "part-1", "part-2", "again", "--out", "new"]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining("are two runs of one seed, with other numbers"),
  ]);
  expect(existsSync(join(cwd, "new"))).toBe(false);
});

test("what is damaged, in use, of another protocol, or would be lost is refused", async () => {
  const { cwd, run } = await parts();
  const refused = async (words: string[], says: string, exitCode = 2) => {
    const { code, stderr } = await run(words);
    expect([code, stderr]).toEqual([exitCode, expect.stringContaining(says)]);
    expect(existsSync(join(cwd, "all"))).toBe(false);
  };
  const lock = await lockFolder(join(cwd, "part-1", NAMES[0]!));
  await refused(merged, "is in use by process");
  lock.release();
  await run([
    "run",
    "--protocol",
    "micro-1",
    "--arch",
    "mlp-12",
    "--limit",
    "3",
    "--seeds",
    "1",
    "--out",
    "short",
  ]);
  await refused(
    ["merge", "part-1", "part-2", "short", "--out", "all"],
    "numbers that cannot be compared",
  );
  cpSync(join(cwd, "part-2"), join(cwd, "signed"), { recursive: true });
  writeFileSync(join(cwd, "signed", NAMES[1]!, "receipt.json"), "{}");
  await refused(["merge", "part-1", "part-2", "signed", "--out", "all"], "only one can be kept");
  await refused(["merge", "part-1", "nowhere", "--out", "all"], "There is no folder");
  const final = join(cwd, "part-2", NAMES[1]!, "seeds/1/final.json");
  writeFileSync(
    final,
    readFileSync(final, "utf8").replace(/"testCorrect": \d+/, '"testCorrect": 4999'),
  );
  await refused(merged, "was changed after training finished", 3);
});

test("options for other machines that contradict each other, or do nothing, are refused", async () => {
  const { run } = aWorkbench();
  for (const [words, says] of [
    [["--slurm", "--shard", "1/2"], "--shard does not go with --slurm"],
    [["--sbatch", "-t 5"], "--sbatch is for --slurm"],
    [["--dry-run"], "--dry-run is for --slurm"],
    [["--shard", "1/2", "--challenge"], "--challenge goes with neither"],
    [["--slurm", "--submit"], "--submit does not go with --slurm"],
  ] as const) {
    const { code, stderr } = await run([...sweep, ...words, "--out", "x"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
  }
  const threads = sweep.slice(0, -2);
  expect((await run([...threads, "--slurm", "--out", "x"])).stderr).toContain(
    "--threads is missing",
  );
  const preview = await run([
    ...sweep,
    "--slurm",
    "--dry-run",
    "--sbatch",
    "-t 5 --array=%2",
    "--out",
    "a b",
  ]);
  expect(preview.stdout).toMatch(/^# .*a b\/.slurm\/1\/script.sh\n#!\/bin\/bash\n/);
  expect(preview.stdout).toMatch(/\nsbatch --cpus-per-task=1 --requeue -t 5 .* --array=0-2%2 /);
  const without = await run([...sweep, "--slurm", "--out", "x"], { env: { PATH: "/nowhere" } });
  expect([without.code, without.stderr]).toEqual([
    2,
    expect.stringContaining("is not on this machine's PATH"),
  ]);
});
