import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { memoryWarning } from "../../harness/cli/commands/probe.ts";
import { loadDataset } from "../../harness/data/cached-dataset.ts";
import { EXIT } from "../../harness/errors.ts";
import { writeNpy } from "../../harness/measure/save.ts";
import { ProbeDocument } from "../../harness/probe/probe-document.ts";
import type { Run } from "../../record/run.ts";
import { gaussianCloud } from "../measure/synthetic.ts";
import { rademark } from "../world/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "rademark-probe-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeNpy(join(folder, "z.npy"), gaussianCloud(50, 4, 1), [50, 4]);
writeNpy(join(folder, "z2.npy"), gaussianCloud(50, 6, 2), [50, 6]);

const bin = fileURLToPath(new URL("../../harness/cli/rademark.ts", import.meta.url));

/** In this process. */
const here = (...args: string[]) => rademark(args, { cwd: folder, env: process.env });

/** In a process of its own. */
function probe(...args: string[]): Promise<{ code: unknown; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, "probe", ...args], { cwd: folder }, (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    );
  });
}

test("probe prints one document, and nothing of TensorFlow's on stderr", async () => {
  const { code, out, err } = await probe(
    ...["--features", "z.npy", "--n", "2,3", "--json", "--quiet"],
  );
  expect([code, err]).toEqual([EXIT.ok, ""]);
  const { taps, samples } = ProbeDocument.parse(JSON.parse(out));
  expect([samples, taps[0]!.refit.map(({ n }) => n)]).toEqual([50, [2, 3]]);
});

test("probe names a missing file without a stack trace", async () => {
  const { code, out, err } = await probe("--features", "y.npy");
  expect([code, out]).toEqual([EXIT.usage, ""]);
  expect(err).toMatch(/^rademark: There is no file .*y\.npy\.\n$/);
});

/** The counts that a run's last tap has at the headline n, from real training on a part of CIFAR-10. */
test("the features that a run saves, with their index, give the run's own counts, told and redrawn", async () => {
  await loadDataset("cifar10");
  const tiny = ["subset.perClass=10", "epochs=2", "batch=20"].flatMap((set) => ["--set", set]);
  const run = await here(
    ...["run", "--protocol", "micro-1", "--arch", "mlp-8", "--seeds", "3", "--save", "features"],
    ...[...tiny, "--out", "run", "--quiet"],
  );
  expect(run.code).toBe(0);
  const final = JSON.parse(readFileSync(join(folder, "run/seeds/3/final.json"), "utf8")) as Run;
  const probed = async (...more: string[]) => {
    const features = ["--features", "run/seeds/3/features-tap2.npy"];
    const { stdout } = await here(
      "probe",
      ...features,
      "--seed",
      "3",
      "--n",
      "2,100",
      "--told",
      "--json",
      ...more,
    );
    return ProbeDocument.parse(JSON.parse(stdout)).taps[0]!.refit;
  };
  const index = ["--index", "run/seeds/3/sample-index.npy"];
  const [, hundred] = await probed(...index, "--draws", "99");
  const place = final.controls!.refit.find(({ tap, n }) => tap === 2 && n === 100)!;
  expect(place.redraws).toHaveLength(99);
  expect([hundred!.told, hundred!.redraws]).toEqual([place.told, place.redraws]);
  const [two] = await probed(...index);
  const of2 = final.controls!.refit.find(({ tap, n }) => tap === 2 && n === 2)!;
  expect(two!.redraws).toEqual(of2.redraws);
  // without the index row i has the labels of sample i, which are others here
  const [other] = await probed();
  expect(other!.redraws).not.toEqual(of2.redraws);
});

describe("compare takes documents that probe printed", () => {
  const kept = async (name: string, ...args: string[]) => {
    const { code, stdout } = await here("probe", ...args, "--n", "2,3", "--json", "--quiet");
    expect(code).toBe(EXIT.ok);
    writeFileSync(join(folder, name), stdout);
    return ProbeDocument.parse(JSON.parse(stdout));
  };

  test("and finds what probing the files together finds", async () => {
    const together = await kept("both.json", "--features", "z.npy", "--features", "z2.npy");
    await kept("a.json", "--features", "z.npy");
    await kept("b.json", "--features", "z2.npy", "--draws", "12");
    const { code, stdout } = await here("compare", "a.json", "b.json", "--json");
    expect(code).toBe(EXIT.ok);
    const document = JSON.parse(stdout) as object;
    expect(document).toMatchObject({ samples: 50, seed: 1, comparisons: together.comparisons });
    const alone = await here("compare", "both.json", "--json");
    expect(JSON.parse(alone.stdout)).toMatchObject({ comparisons: together.comparisons });
    const { stdout: text } = await here("compare", "a.json", "b.json");
    expect(text).toMatch(/^ +2 +a\.json +b\.json +1 +8 +[-+]\d/m);
    expect(text).toContain("The first 8 labellings are compared, as a.json has no more.");
  });

  test("but none of another seed, and no run's folder beside one", async () => {
    await kept("c.json", "--features", "z.npy", "--seed", "2");
    const other = await here("compare", "a.json", "c.json");
    expect([other.code, other.stdout]).toEqual([EXIT.usage, ""]);
    expect(other.stderr).toContain("seed of the random labels: 1 (a.json); 2 (c.json)");
    const mixed = await here("compare", "a.json", ".");
    expect([mixed.code, mixed.stdout]).toEqual([EXIT.usage, ""]);
    expect(mixed.stderr).toContain("runs are compared with runs, probes with probes");
  });
});

test.each<[string[], RegExp]>([
  [
    ["--features", "z.npy,z2.npy"],
    /no file .*z\.npy,z2\.npy\. Several files: --features z\.npy --features z2\.npy/,
  ],
  [["--features", "z.npy", "--draws", "0"], /--draws: "0" is not a whole number from 1 to 1000/],
  [
    ["--features", "z.npy", "--draws", "1001"],
    /--draws: "1001" is not a whole number from 1 to 1000/,
  ],
  [
    ["z", "z", "z", "z", "z", "z"].flatMap((name) => ["--features", `${name}.npy`]),
    /6 files; up to 5/,
  ],
  [
    ["--features", "z.npy", "--features", "z2.npy", "--test-features", "z.npy"],
    /--test-features: 1 for 2 of --features; give one for each, in the same order/,
  ],
])("probe %j is refused in words", async (args, message) => {
  const { code, stdout, stderr } = await here("probe", ...args);
  expect([code, stdout]).toEqual([EXIT.usage, ""]);
  expect(stderr).toMatch(message);
});

test("Ctrl-C ends a long probe at once, and nothing is printed", async () => {
  const args = ["--features", "z.npy", "--draws", "1000", "--n", "9000", "--json"];
  const child = spawn(process.execPath, [bin, "probe", ...args], { cwd: folder });
  let out = "";
  child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()));
  setTimeout(() => child.kill("SIGINT"), 3000);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  expect([code, signal, out]).toEqual([null, "SIGINT", ""]);
});

test("memory is spoken of where there is too little", () => {
  expect(memoryWarning(2 ** 30, 2 ** 31)).toBe("");
  expect(memoryWarning(3 * 2 ** 30, 2 ** 31)).toMatch(
    /about 3\.0 GiB of memory, and 2\.0 GiB are free/,
  );
});
