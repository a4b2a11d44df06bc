import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tf } from "../../harness/engine/tensorflow.ts";
import { rademark } from "../world/command-line.ts";

const CLASSES = 1000;
const root = mkdtempSync(join(tmpdir(), "rademark-streamed-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** As many classes as imagenet-1 has, with one small JPEG each, named in every way. */
beforeAll(async () => {
  const small = tf.tensor3d(new Int32Array(24 * 20 * 3).fill(90), [24, 20, 3], "int32");
  const bytes = await tf.node.encodeJpeg(small);
  small.dispose();
  for (const split of ["train", "val"])
    for (let k = 0; k < CLASSES; k++) {
      const folder = join(root, split, `n${String(k).padStart(4, "0")}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, ["a.JPEG", "a.jpg", "a.JPG", "a.jpeg"][k % 4]!), bytes);
    }
});

const heads = JSON.stringify([{ n: 10, draws: 2, taps: "last" }]);
const small = [
  ...["--set", "image.height=8", "--set", "image.width=8", "--set", "view.shorterSide=9"],
  ...["--set", "epochs=2", "--set", "learningRate.rampEpochs=1", "--set", "batch=250"],
  ...["--set", `heads=${heads}`, "--set", "headline=10", "--imagenet", root],
];
const imagenet = ["--protocol", "imagenet-1", ...small, "--seeds", "1", "--threads", "1"];

test.each([
  ["cnn-2", "recipe"],
  [resolve("examples/skip-mlp.ts"), `${resolve("examples/decov.ts")}=0.1`],
])(
  "imagenet-1's rules train %s with %s on a small folder of JPEGs, start to end",
  async (arch, reg) => {
    const out = join(root, `run-${basename(arch)}`);
    const words = ["run", ...imagenet, "--arch", arch, "--reg", reg, "--out", out];
    const { code, stderr } = await rademark(words);
    expect([code, stderr.includes("failed")]).toEqual([0, false]);
    const run = JSON.parse(readFileSync(join(out, "seeds/1/final.json"), "utf8")) as object;
    expect(run).toMatchObject({ status: "completed", trainSamples: CLASSES, testSamples: CLASSES });
    expect(run).toHaveProperty("epochs.0.seen", CLASSES);
  },
);

test("validate counts the folder's own images, and estimates what no machine could hold", async () => {
  const words = ["validate", ...imagenet, "--set", "epochs=3", "--json", "--arch"];
  const { code, stdout } = await rademark([...words, "mlp-4"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toHaveProperty("configurations.0.steps", 3 * 4);

  const huge = ["--set", "image.height=224", "--set", "image.width=224", "--set", "batch=1000"];
  const large = [...huge, "--set", "view.shorterSide=256", "--arch", "vgg-11"];
  const judged = await rademark([...words.slice(0, -1), ...large]);
  expect(judged.code).toBe(0);
  const document = JSON.parse(judged.stdout) as {
    configurations: { memoryBytes: number; secondsPerStep: number | null }[];
    machine: { totalMemoryBytes: number };
  };
  const [only] = document.configurations;
  expect(only!.secondsPerStep).toBe(null);
  expect(only!.memoryBytes).toBeGreaterThan(document.machine.totalMemoryBytes);
  const run = ["run", ...imagenet, ...large, "--out", join(root, "huge")];
  for (const more of [[], ["--challenge", "--api", "http://127.0.0.1:9"]]) {
    const refused = await rademark([...run, ...more]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /would take about .* of memory; this machine has .*Nothing was begun/s,
    );
  }
});
