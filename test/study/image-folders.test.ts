import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../setup/folder.ts";
import { aWorkbench } from "../world/command-line.ts";

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
