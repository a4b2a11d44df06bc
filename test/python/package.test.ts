import { execFile } from "node:child_process";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { npyBytes } from "../../harness/measure/save.ts";
import type { ProbeDocument } from "../../harness/probe/probe-document.ts";
import manifest from "../../package.json" with { type: "json" };
import { gaussianCloud } from "../measure/synthetic.ts";
import { npyOf, temporaryFiles } from "../probe/files.ts";
import { rademark } from "../world/command-line.ts";
import { aFolder, writeRunFolder, writeSweepFolder } from "../world/run-folders.ts";
import { aDivergedRun, aGrid, aLearnedRun } from "../world/runs.ts";
import { list, sharedServer } from "../world/server.ts";
import { engineSteps } from "./engine-steps.ts";
import { PACKAGE, plainPython, runPython, torchPython } from "./python.ts";

const plain = await plainPython();
const torch = await torchPython(plain);

/** Whether the package's own tests pass in files of these names, and how many of them. */
async function unittests({ found }: typeof plain, names: readonly string[]) {
  const files = names.map((name) => `tests/${name}.py`);
  const { code, stderr } = await runPython(found!, ["-W", "error", "-m", "unittest", ...files]);
  return { code, stderr, ran: Number(/Ran (\d+) tests?/.exec(stderr)?.[1]) };
}

const TORCH_TESTS = ["test_distributed", "test_heads"];
const ALL_TESTS = globSync(join(PACKAGE, "tests", "test_*.py"), {}).map((path) =>
  basename(path, ".py"),
);

/** Python's answer on stdin's JSON. */
async function answer<T>({ found }: typeof plain, program: string[], input: unknown): Promise<T> {
  const { code, stdout, stderr } = await runPython(found!, program, JSON.stringify(input));
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as T;
}

describe.skipIf(plain.found === null)(`the Python package (${plain.missing || "NumPy"})`, () => {
  test("passes its own tests with NumPy alone", async () => {
    const names = ALL_TESTS.filter((name) => !TORCH_TESTS.includes(name));
    const { code, stderr, ran } = await unittests(plain, names);
    expect(code, stderr).toBe(0);
    expect(ran).toBeGreaterThan(15);
  });

  test("says what is missing where there is no PyTorch, and is of the product's version", async () => {
    const words = ["-c", "import rademark; print(rademark.__version__); rademark.Indexed"];
    const { code, stdout, stderr } = await runPython(plain.found!, words);
    expect([code, stdout.trim()]).toEqual([1, manifest.version]);
    expect(stderr).toContain("ImportError: rademark.Indexed needs PyTorch: pip install torch");
  });

  test("is built as a wheel that has the method's one file, and the licence", async () => {
    const out = aFolder();
    const script = new URL("../../setup/python-wheel.mjs", import.meta.url).pathname;
    const built = await promisify(execFile)(process.execPath, [script, "--out", out]);
    const [wheel, archive] = built.stdout.trim().split("\n").sort();
    expect([wheel, archive].map((file) => basename(file!))).toEqual([
      `rademark-${manifest.version}-py3-none-any.whl`,
      `rademark-${manifest.version}.tar.gz`,
    ]);
    const program = `import json, sys, zipfile
wheel = zipfile.ZipFile(json.load(sys.stdin))
print(json.dumps({name.split("/")[-1]: wheel.read(name).decode() for name in wheel.namelist()}))`;
    const files = await answer<Record<string, string>>(plain, ["-c", program], wheel);
    expect(files["method.json"]).toBe(readFileSync("record/method.json", "utf8"));
    expect(files["LICENSE"]).toBe(readFileSync("LICENSE", "utf8"));
    expect(files["METADATA"]).toContain("Requires-Python: >=3.9");
  });

  describe("probes as the command line does", probesAlike);
  describe("reads runs and boards", readsAlike);
});

/** Labels, index and features of every type, wide and narrow, so that every figure and notice of a probe occurs. */
function probesAlike() {
  const write = temporaryFiles();
  const [m, D] = [150, 12];
  const cloud = Float32Array.from(gaussianCloud(m, D, 1), (x, i) => x * (1 + (i % D)) + 3);
  const index = Int32Array.from({ length: m }, (_, row) => (row * 37) % 1009);
  const classes = Int32Array.from({ length: m }, (_, i) => [3, 7, 90][i % 3]!);
  const files = {
    double: write(
      "double.npy",
      npyBytes(
        Float64Array.from(cloud, (x) => x / 3),
        [m, D],
      ),
    ),
    single: write("single.npy", npyBytes(cloud, [m, D])),
    half: write("half.npy", npyOf("<f2", [m, D], new Float16Array(cloud))),
    flat: write("flat.npy", npyBytes(new Float32Array(m * 2).fill(1), [m, 2])),
    few: write("few.npy", npyBytes(cloud.subarray(0, 10 * D), [10, D])),
    test: write("test.npy", npyBytes(cloud.subarray(0, 30 * D), [30, D])),
    index: write("index.npy", npyBytes(index, [m])),
    labels: write("y.npy", npyBytes(classes, [m])),
    testLabels: write("y-test.npy", npyBytes(classes.slice(0, 30).fill(7), [30])),
  };
  const cases: [about: string, args: string[], call: string][] = [
    ["doubles", ["--features", files.double], "probe(a['double'])"],
    [
      "an index, told labels, several n, another seed and more draws",
      ["--features", files.single, "--index", files.index, "--told", "--n", "2,7"].concat(
        ...["--seed", "9", "--draws", "11"],
      ),
      "probe(a['single'], None, 11, a['index'], n=[2, 7], seed=9, told=True)",
    ],
    [
      "halves with classes and test samples",
      ["--features", files.half, "--labels", files.labels, "--n", "10", "--draws", "1"].concat(
        ...["--test-features", files.test, "--test-labels", files.testLabels],
      ),
      "probe(a['half'], a['labels'], 1, n=10, test_features=a['test'], test_labels=a['testLabels'])",
    ],
    ["constants", ["--features", files.flat, "--n", "2"], "probe(a['flat'], n=2)"],
    ["hardly any samples", ["--features", files.few, "--n", "2,3"], "probe(a['few'], n=[2, 3])"],
  ];

  test("of each kind of features, figure for figure", async () => {
    const program = `
import json, sys, numpy, rademark
from rademark import probe
asked = json.load(sys.stdin)
a = {name: numpy.load(path) for name, path in asked["files"].items()}
found = [eval(call) for call in asked["calls"]]
print(json.dumps([{"document": each, "near": sum(t.samples for t in each.near_ties), "text": str(each)} for each in found]))`;
    const theirs = await answer<{ document: ProbeDocument; near: number; text: string }[]>(
      plain,
      ["-c", program],
      { files, calls: cases.map(([, , call]) => call) },
    );
    for (const [i, [about, args]] of cases.entries()) {
      const { code, stdout, stderr } = await rademark(["probe", ...args, "--json", "--quiet"]);
      expect(code, stderr).toBe(0);
      const { document, near, text } = theirs[i]!;
      expectAlike(document, JSON.parse(stdout) as ProbeDocument, near);
      expect(text, about).toContain("effective rank");
    }
  });

  test("a document of Python's is compared with one of the command line's", async () => {
    const program = `import json, sys, numpy, rademark
print(json.dumps(rademark.probe(numpy.load(json.load(sys.stdin)), n=[2, 7])))`;
    const document = await answer(plain, ["-c", program], files.half);
    const kept = write("python.json", JSON.stringify(document));
    const args = ["probe", "--features", files.flat, "--n", "2,7", "--json", "--quiet"];
    const other = write("cli.json", (await rademark(args)).stdout);
    const { code, stdout, stderr } = await rademark(["compare", kept, other, "--json"]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("a is higher");
  });
}

/** Integers and words are equal, but for `near` counts; other numbers to rounding. */
function expectAlike(mine: ProbeDocument, theirs: ProbeDocument, near: number): void {
  const stripped = (document: ProbeDocument) => {
    const notices = document.notices.map(({ code, numbers }) => ({ code, numbers }));
    const named = (file: string | null) => file !== null;
    const { index, labels } = document;
    return {
      ...document,
      ...{ notices, files: null, seconds: null },
      index: { ...index, file: named(index.file) },
      labels: labels && { ...labels, file: named(labels.file) },
    };
  };
  const isCount = (path: string) => /redraws|told|correct$/.test(path);
  const tolerance = (path: string) =>
    isCount(path) ? near : path.includes("equivalentWidth") ? 1e-6 : 1e-8;
  expect(differences(stripped(mine), stripped(theirs), tolerance)).toEqual([]);
}

/** Paths at which two JSON values differ: words at all, numbers by more than a share of their size. */
function differences(
  a: unknown,
  b: unknown,
  tolerance: (path: string) => number,
  path = "",
): string[] {
  if (typeof a === "number" && typeof b === "number") {
    const isNear = Math.abs(a - b) <= tolerance(path) * Math.max(1, Math.abs(b));
    return isNear ? [] : [`${path}: ${a}, ${b}`];
  }
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null)
    return a === b ? [] : [`${path}: ${String(a)}, ${String(b)}`];
  const [mine, theirs] = [Object.keys(a), Object.keys(b)];
  if (mine.join() !== theirs.join()) return [`${path}: ${mine.join()}; ${theirs.join()}`];
  return mine.flatMap((key) =>
    differences(a[key as never], b[key as never], tolerance, `${path}/${key}`),
  );
}

function readsAlike() {
  /** What Python reads as lists of dicts, and what `rademark export` writes. */
  async function bothOf(folder: string) {
    const program = `import importlib.util, json, sys, warnings
warnings.simplefilter("ignore")
find, importlib.util.find_spec = importlib.util.find_spec, lambda name: None if name == "pandas" else find(name)
import rademark
print(json.dumps(rademark.read_run(json.load(sys.stdin))))`;
    const mine = await answer<Record<string, unknown[]>>(plain, ["-c", program], folder);
    const out = join(aFolder(), "tables");
    const { code, stderr } = await rademark(["export", folder, "--jsonl", out]);
    expect(code, stderr).toBe(0);
    const theirs = Object.keys(mine).map((name) => {
      const lines = readFileSync(join(out, `${name}.jsonl`), "utf8").split("\n");
      return [name, lines.filter(Boolean).map((line) => JSON.parse(line) as object)] as const;
    });
    return { mine, theirs: Object.fromEntries(theirs) };
  }

  test("a sweep, a diverged run and an unfinished seed are what rademark export says", async () => {
    const sweep = writeSweepFolder(aFolder(), aGrid(2));
    const diverged = aDivergedRun({ arch: "mlp-256", regs: "rl=10", seed: 4 });
    const runs = [1, 2].map((seed) => aLearnedRun("mlp-256", "rl=10", seed, 0.3));
    writeRunFolder(join(sweep, "mlp-256+rl=10"), [...runs, diverged], { seeds: [1, 2, 4, 9] });
    const { mine, theirs } = await bothOf(sweep);
    expect(theirs["runs"]).toHaveLength(17);
    expect(differences(mine, theirs, () => 1e-6)).toEqual([]);
  });

  test("a run that was really trained, with a regularizer at a tap and accuracies on the way", async () => {
    const cwd = aFolder();
    const [m, D] = [60, 4];
    mkdirSync(join(cwd, "data"));
    for (const [i, split] of ["train", "test"].entries()) {
      const [x, y] = [gaussianCloud(m, D, i), Int32Array.from({ length: m }, (_, row) => row % 2)];
      writeFileSync(join(cwd, "data", `x-${split}.npy`), npyBytes(x, [m, D]));
      writeFileSync(join(cwd, "data", `y-${split}.npy`), npyBytes(y, [m]));
    }
    const env = { RADEMARK_CACHE: join(cwd, "cache"), RADEMARK_CONFIG: join(cwd, "config") };
    const words =
      "run --data data --arch mlp-8 --reg rl=3@1,noise=0.3 --seeds 1,2 --threads 1 --measures --out a";
    const set = ["epochs=2", "evaluateEvery=1", "measures.refit.permutations=9"];
    const args = [...words.split(" "), ...set.flatMap((each) => ["--set", each])];
    const { code, stderr } = await rademark(args, { cwd, env, now: Date.now });
    expect(code, stderr).toBe(0);
    const { mine, theirs } = await bothOf(join(cwd, "a"));
    expect(theirs["epochs"]).toHaveLength(4);
    for (const run of theirs["runs"] as Record<string, unknown>[])
      for (const name of ["margin", "pacBayes", "noisyLabelFit"])
        expect(run[name], name).toEqual(expect.any(Number));
    expect(differences(mine, theirs, () => 1e-6)).toEqual([]);
    const final = join(cwd, "a/seeds/2/final.json");
    writeFileSync(
      final,
      readFileSync(final, "utf8").replace('"trainCorrect":', '"trainCorrect": '),
    );
    const edited = ["-c", `import rademark; rademark.read_run(${JSON.stringify(join(cwd, "a"))})`];
    const refused = await runPython(plain.found!, edited);
    expect(refused.stderr).toMatch(/ValueError: .*final\.json was changed after training finished/);
  });

  test("a part of a sweep that no configuration fell to is said to be one", async () => {
    const folder = aFolder();
    const whole = { folders: ["mlp-8+none"], parts: 2 };
    writeFileSync(join(folder, "sweep.json"), JSON.stringify({ jobs: 1, folders: [], whole }));
    const words = ["-c", `import rademark; rademark.read_run(${JSON.stringify(folder)})`];
    const { stderr } = await runPython(plain.found!, words);
    expect(stderr).toMatch(
      /ValueError: .* is a part of a sweep that has no configuration of its own/,
    );
  });

  const server = sharedServer();

  test("every entry of a running server's board, by its page's address", async () => {
    const ids = [await list(server.url, "mlp-256"), await list(server.url, "cnn-8")];
    const csv = async () => (await fetch(`${server.url}/v1/export/micro-1.csv`)).text();
    // A listing is answered before the board is refreshed, and Python reads the board twice.
    await expect.poll(async () => (await csv()).match(/Z,yes,/g)?.length).toBe(2);
    const program = `import json, sys, rademark
url = json.load(sys.stdin)
board = rademark.read_board(url + "/boards/micro-1")
same = rademark.read_board(url)
assert board.equals(same)
try:
    rademark.read_board(url, "micro-9")
except ValueError as error:
    refused = str(error)
kinds = {name: str(kind) for name, kind in board.dtypes.items()}
print(json.dumps({"rows": json.loads(board.to_json(orient="records")), "kinds": kinds, "refused": refused}))`;
    const { rows, kinds, refused } = await answer<{
      rows: Record<string, unknown>[];
      kinds: Record<string, string>;
      refused: string;
    }>(plain, ["-c", program], server.url);
    expect(rows.map(({ entry }) => entry).sort()).toEqual(ids.sort());
    expect(rows[0]).toMatchObject({ custom: false, counted: true, weighs: true, runs: 8 });
    expect(kinds).toMatchObject({ params: "Int64", capacityLow: "float64", counted: "boolean" });
    expect(refused).toMatch(/\/v1\/export\/micro-9\.csv answered 404: This server has no board/);
    expect(Object.keys(rows[0]!)).toEqual((await csv()).split("\r\n")[0]!.split(","));
  });
}

test("the notebook lies there as it was run, from top to bottom and without an error", () => {
  interface Cell {
    cell_type: string;
    execution_count: number | null;
    outputs: { output_type: string }[];
  }
  const text = readFileSync(join(PACKAGE, "examples", "curves.ipynb"), "utf8");
  const cells = (JSON.parse(text) as { cells: Cell[] }).cells.filter(
    ({ cell_type }) => cell_type === "code",
  );
  expect(cells.map(({ execution_count }) => execution_count)).toEqual(cells.map((_, i) => i + 1));
  const kinds = cells.flatMap(({ outputs }) => outputs.map(({ output_type }) => output_type));
  expect(kinds).not.toContain("error");
  expect(text.match(/image\/png/g)).toHaveLength(2);
});

describe.skipIf(torch.found === null)(`heads in PyTorch (${torch.missing || "found"})`, () => {
  test("pass their own tests", async () => {
    const { code, stderr, ran } = await unittests(torch, TORCH_TESTS);
    expect(code, stderr).toBe(0);
    expect(ran).toBeGreaterThan(10);
  });

  test("take the engine's steps from its weights, with every form of the regularizer", async () => {
    const steps = [];
    for (const regs of ["none", "wd=0.01,rl=3", "rl=2:confusion@1", "rl=0.5:reversal,mixup=0.4"])
      steps.push(await engineSteps(regs));
    const script = new URL("engine_steps.py", import.meta.url).pathname;
    const found = await answer<{ distances: number[]; online: number[] }[]>(torch, [script], steps);
    for (const [i, { distances, online }] of found.entries()) {
      const [before, first, last] = distances as [number, number, number];
      expect(before).toBe(0);
      expect(first).toBeLessThan(1e-5);
      expect(last).toBeLessThan(1e-4);
      expect(online).toEqual(steps[i]!.online);
    }
  });
});
