import {
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
  cpSync,
  mkdirSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../setup/effects.ts";
import { aWorkbench } from "../world/command-line.ts";

const run = ["run", "--protocol", "micro-1", "--arch", "mlp-8", "--out", "runs/a", "--seeds"];
const grid = [
  ...["sweep", "--protocol", "micro-1", "--arch", "mlp-8,mlp-9", "--reg", "none;wd=0.005"],
  ...["--seeds", "1,2", "--jobs", "2", "--out", "runs/grid"],
];

test("a finished folder holds everything, and the manifest comes last", async () => {
  const { cwd, run: rademark } = aWorkbench();
  const { code, stdout } = await rademark([...run, "1,2", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ arch: "mlp-8", runs: [{ seed: 1 }, { seed: 2 }] });
  const names = ["config.json", "env.json", "log.txt", "manifest.json", "protocol.json"];
  expect(readdirSync(join(cwd, "runs/a")).sort()).toEqual([...names, "seeds", "summary.json"]);
});

test("a crashed worker fails its configuration, the sweep goes on, the exit code is 1", async () => {
  const { cwd, run: rademark } = aWorkbench();
  const crashing = join(cwd, "runs/grid/mlp-8+none");
  await rademark([...grid.slice(0, -1), "runs/grid", "--quiet"]);
  rmSync(join(crashing, "seeds/2"), { recursive: true });
  writeFileSync(join(crashing, ".script.json"), JSON.stringify({ acts: { 2: "crash" } }));
  for (const name of ["mlp-9+none", "mlp-8+wd=0.005"])
    rmSync(join(cwd, "runs/grid", name, "seeds/1"), { recursive: true });

  const { code, stderr } = await rademark(["resume", "runs/grid"]);
  expect(code).toBe(1);
  expect(stderr).toContain("mlp-8 none failed: the training worker was ended by SIGKILL");
  expect(stderr).toContain("rademark resume runs/grid");
  expect(existsSync(join(cwd, "runs/grid/mlp-9+none/manifest.json"))).toBe(true);
  expect(existsSync(join(crashing, "manifest.json"))).toBe(false);
  expect(readFileSync(join(crashing, "log.txt"), "utf8")).toContain("SIGKILL");

  writeFileSync(join(crashing, ".script.json"), "{}");
  expect((await rademark(["resume", "runs/grid"])).code).toBe(0);
  expect(existsSync(join(crashing, "manifest.json"))).toBe(true);
});

test("a failure that has an exit code of its own keeps it", async () => {
  const { run: rademark } = aWorkbench({ acts: { 1: "fail" } });
  const { code, stderr } = await rademark([...run, "1"]);
  expect(code).toBe(3);
  expect(stderr).toContain("the scripted failure");
});

test("a diverged run is a result, and is said to have diverged", async () => {
  const { run: rademark } = aWorkbench({ acts: { 2: "diverge" } });
  const { code, stdout } = await rademark([...run, "1,2"]);
  expect(code).toBe(0);
  expect(stdout).toContain("1 of 2 diverged");
});

test("Ctrl-C ends with 130, says how to go on, and resume goes on from there", async () => {
  const bench = aWorkbench({ epochs: 500, epochMilliseconds: 5 });
  let stderr = "";
  const stopped = await bench.run([...run, "1"], {
    err(text) {
      stderr += text;
      if (text.includes("epoch 1/")) bench.interrupt();
    },
  });
  expect(stopped.code).toBe(130);
  expect(stopped.stdout).toBe("");
  expect(stderr).toContain("Go on with: rademark resume runs/a");
  expect(existsSync(join(bench.cwd, "runs/a/.lock"))).toBe(false);
  writeFileSync(join(bench.cwd, "runs/.script.json"), "{}");
  expect((await bench.run(["resume", "runs/a"])).code).toBe(0);
});

test("a resumed folder keeps its threads, and other threads are another configuration", async () => {
  const { cwd, run: rademark } = aWorkbench();
  await rademark([...run, "1", "--threads", "3"]);
  expect((await rademark([...run, "1"])).code).toBe(0);
  expect(JSON.parse(readFileSync(join(cwd, "runs/a/config.json"), "utf8"))).toMatchObject({
    threads: 3,
  });
  const other = await rademark([...run, "1", "--threads", "1"]);
  expect(other).toMatchObject({ code: 2 });
  expect(other.stderr).toContain("threads: there 3, asked for 1");
});

test("a folder with somebody else's files is not touched", async () => {
  const { cwd, run: rademark } = aWorkbench();
  const before = readdirSync(cwd).sort();
  const single = await rademark([...run.slice(0, -3), "--seeds", "1", "--out", "."]);
  expect(single).toMatchObject({ code: 2 });
  expect(single.stderr).toContain("not empty");
  const many = await rademark([...grid.slice(0, -1), "."]);
  expect(many).toMatchObject({ code: 2 });
  expect(readdirSync(cwd).sort()).toEqual(before);
});

test("a sweep may grow, and what is finished is not trained again", async () => {
  const { cwd, run: rademark } = aWorkbench();
  await rademark(grid);
  const maker = () => readFileSync(join(cwd, "runs/grid/mlp-8+none/seeds/1/final.json"), "utf8");
  const before = maker();
  const { code, stdout } = await rademark(
    [...grid, "--json"].map((word) => word.replace("mlp-9", "mlp-10")),
  );
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as { configurations: unknown[] }).configurations).toHaveLength(4);
  expect(maker()).toBe(before);
  const sweep = JSON.parse(readFileSync(join(cwd, "runs/grid/sweep.json"), "utf8")) as object;
  expect(sweep).toHaveProperty("folders.length", 6);
});

test("two sweeps of one root share its runs, and none is trained twice", async () => {
  const bench = aWorkbench({ epochs: 40, epochMilliseconds: 5 });
  const all = await Promise.all([0, 1].map(() => bench.run(grid)));
  const said = all.map(({ stderr }) => stderr).join("");
  expect(said.match(/seed 1 completed/g)).toHaveLength(4);
  expect(said).toMatch(/mlp-8 none skipped: .*mlp-8\+none is in use by process \d+/);
  // Whoever was the last to be done has seen all of it done.
  expect(all.map(({ code }) => code)).toContain(0);
  expect((await bench.run([...grid, "--json"])).code).toBe(0);
});

test("a run that a sweep trains is not resumed beside it, another of its runs is", async () => {
  const bench = aWorkbench({ epochs: 20, epochMilliseconds: 40 });
  const slow = join(bench.cwd, "runs/grid/mlp-8+none");
  mkdirSync(slow);
  // Long enough for the others to be done first.
  writeFileSync(join(slow, ".script.json"), JSON.stringify({ epochs: 150, epochMilliseconds: 40 }));
  let others: Promise<{ code: number; stderr: string }>[] = [];
  const pair = grid.map((word) => (word.includes("none;") ? "none" : word.replace(/^1,2$/, "1")));
  const swept = bench.run([...pair.slice(0, -4), "--out", "runs/grid"], {
    err(text) {
      if (others.length > 0 || !text.includes("mlp-8 none seed 1 epoch")) return;
      others = [
        ...["mlp-8+none", "mlp-9+none"].map((name) => bench.run(["resume", `runs/grid/${name}`])),
        bench.run(["report", "runs/grid"]),
        bench.run(["compare", "runs/grid"]),
      ];
    },
  });
  expect((await swept).code).toBe(0);
  const [same, free, report, compare] = await Promise.all(others);
  expect(same).toMatchObject({ code: 2 });
  expect(same!.stderr).toContain("mlp-8+none is in use by process");
  expect(free!.code, free!.stderr).toBe(0);
  expect(report!.code, report!.stderr).toBe(0);
  const html = readFileSync(join(bench.cwd, "runs/grid/report.html"), "utf8");
  expect(html).toContain("is writing into this folder");
  expect(compare!.stderr).toContain("is writing into it");
});

test("a mistyped folder is not created by resume", async () => {
  const { cwd, run: rademark } = aWorkbench();
  const { code, stderr } = await rademark(["resume", "runs/b"]);
  expect(code).toBe(2);
  expect(stderr).toContain("There is no folder");
  expect(existsSync(join(cwd, "runs/b"))).toBe(false);
});

test("validate estimates from a trial, trains nothing, and leaves nothing", async () => {
  const { cwd, run: rademark } = aWorkbench();
  const before = readdirSync(join(cwd, "runs"));
  const validated = async (more: readonly string[]) => {
    const { code, stdout } = await rademark([
      ...["validate", "--protocol", "micro-1", "--arch", "mlp-8,mlp-9", "--seeds", "1-4"],
      ...["--threads", "1", "--json", ...more],
    ]);
    expect(code).toBe(0);
    return JSON.parse(stdout) as {
      configurations: { steps: number; secondsPerSeed: number; seconds: number }[];
      total: { seconds: number };
    };
  };
  const document = await validated([]);
  // The script: 0.01 s a step, 0.1 ms an image, 1 s of setting up.
  const secondsPerSeed = 750 * 0.01 * 1.1 + 12_500 * 0.0001;
  expect(document.configurations).toHaveLength(2);
  expect(document.configurations[0]).toMatchObject({ steps: 750 });
  expect(document.configurations[0]!.secondsPerSeed).toBeCloseTo(secondsPerSeed);
  expect(document.total.seconds).toBeCloseTo(2 * (1 + 4 * secondsPerSeed));
  // After epochs 12 and 24 of 30, and at the end.
  const [often] = (await validated(["--set", "evaluateEvery=12"])).configurations;
  expect(often!.secondsPerSeed).toBeCloseTo(secondsPerSeed + 2 * 12_500 * 0.0001);
  // At most 5 draws x 8 halvings on 500 images, these without noise, and 500 pairs.
  const [measured] = (await validated(["--measures"])).configurations;
  expect(measured!.secondsPerSeed).toBeCloseTo(secondsPerSeed + 42 * 500 * 0.0001);
  expect(readdirSync(join(cwd, "runs"))).toEqual(before);
});

test("compare pairs by the shared seeds, and wants two sides", async () => {
  const { run: rademark } = aWorkbench();
  await rademark([...run, "panel"]);
  const other = ["run", "--protocol", "micro-1", "--arch", "mlp-9", "--out", "runs/b"];
  await rademark([...other, "--seeds", "2-7"]);
  const { code, stdout } = await rademark(["compare", "runs/a", "runs/b", "--json"]);
  expect(code).toBe(0);
  const { comparisons } = JSON.parse(stdout) as { comparisons: { seeds: number[] }[] };
  expect(comparisons[0]!.seeds).toEqual([2, 3, 4, 5]);
  const alone = await rademark(["compare", "runs/a"]);
  expect(alone).toMatchObject({ code: 2 });
});

const imagenet = ["--protocol", "imagenet-1", "--arch", "vit-ti-32", "--seeds", "1"];

/** A folder with so many classes, an image for each split and class by name alone. */
function imageFolder(classes: number): string {
  const root = temporaryFolder();
  for (let k = 0; k < classes; k++) {
    const folder = join(root, "train", `n${String(k).padStart(8, "0")}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, k % 2 ? "a.jpg" : "b.JPEG"), "");
  }
  cpSync(join(root, "train"), join(root, "val"), { recursive: true });
  return root;
}

test("a folder with other classes than the protocol's is refused before anything is trained", async () => {
  const { run: rademark } = aWorkbench();
  for (const command of [["validate"], ["run", "--out", "runs/two"]]) {
    const words = [...command, ...imagenet, "--set", "batch=2", "--imagenet", imageFolder(2)];
    const { code, stderr } = await rademark(words);
    expect(code).toBe(2);
    expect(stderr).toContain("imagenet-1+custom has 1,000 classes, one folder each; found 2");
  }
});

test("a run on a folder of images says what it leaves out, and how few images are too few", async () => {
  const { run: rademark } = aWorkbench();
  const root = imageFolder(1000);
  writeFileSync(join(root, "train", "list.txt"), "");
  writeFileSync(join(root, "val/n00000000/notes.txt"), "");
  const words = ["run", ...imagenet, "--set", "batch=32", "--imagenet", root];
  const { stderr } = await rademark([...words, "--out", "runs/all"]);
  expect(stderr).toContain("2 entries are left out");
  expect(stderr).toContain("train/list.txt, val/n00000000/notes.txt");
  const whole = await rademark(["validate", ...imagenet, "--imagenet", root]);
  expect(whole.code).toBe(2);
  expect(whole.stderr).toContain("batches of 1,024 images; found 1,000");
  rmSync(join(root, "train/n00000000/b.JPEG"));
  const empty = await rademark([...words, "--out", "runs/empty"]);
  expect(empty.stderr).toContain("n00000000: must hold at least one image");
});

test("images from a folder want views that are made for them", async () => {
  const { run: rademark } = aWorkbench();
  const words = ["run", "--protocol", "micro-1", "--arch", "mlp-8", "--out", "runs/v"];
  const { code, stderr } = await rademark([
    ...words,
    "--set",
    "dataset=imagenet",
    "--set",
    "subset=null",
  ]);
  expect(code).toBe(2);
  expect(stderr).toContain("--set view=");
});
