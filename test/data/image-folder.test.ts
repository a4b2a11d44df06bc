import { createHash } from "node:crypto";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, it, describe } from "vitest";
import { randomCrop, shorterSideTo } from "../../harness/data/image-batches.ts";
import { leftOutText, openImageFolder } from "../../harness/data/image-folder.ts";
import { uniformNumber } from "../../record/random.ts";
import { temporaryFolder } from "./fixtures.ts";

const PATHS = [
  "train/n02/b.JPEG",
  "train/n02/a.JPEG",
  "train/n01/z.JPEG",
  "train/n01-x/q.JPEG",
  "val/n01/v1.JPEG",
  "val/n01-x/v2.JPEG",
  "val/n02/v0.JPEG",
];

async function folderOf(paths: readonly string[]): Promise<string> {
  const root = await temporaryFolder();
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), "");
  }
  return root;
}

it("numbers the classes by their sorted folder names and sorts the files", async () => {
  const root = await folderOf([
    ...PATHS,
    "train/n02/notes.txt",
    "train/.DS_Store",
    "train/list.csv",
  ]);
  const { classes, train, val } = await openImageFolder(root);
  expect(classes).toEqual(["n01", "n01-x", "n02"]);
  expect(train).toEqual([
    { path: "train/n01/z.JPEG", label: 0 },
    { path: "train/n01-x/q.JPEG", label: 1 },
    { path: "train/n02/a.JPEG", label: 2 },
    { path: "train/n02/b.JPEG", label: 2 },
  ]);
  expect(val.map(({ label }) => label)).toEqual([0, 1, 2]);
});

it("digests the sorted list of paths, one a line", async () => {
  const { digest } = await openImageFolder(await folderOf(PATHS));
  const list = [...PATHS].sort().map((path) => `${path}\n`);
  expect(digest).toBe(createHash("sha256").update(list.join("")).digest("hex"));
});

it("has another digest when a file is added", async () => {
  const before = await openImageFolder(await folderOf(PATHS));
  const after = await openImageFolder(await folderOf([...PATHS, "val/n01/v3.JPEG"]));
  expect(after.digest).not.toBe(before.digest);
});

it("follows links to class folders, as shared disks often have them", async () => {
  const root = await folderOf(PATHS);
  const elsewhere = await folderOf(["n03/a.JPEG"]);
  await symlink(join(elsewhere, "n03"), join(root, "train", "n03"));
  await symlink(join(elsewhere, "n03"), join(root, "val", "n03"));
  expect((await openImageFolder(root)).train.at(-1)).toEqual({
    path: "train/n03/a.JPEG",
    label: 3,
  });
});

it("says which part of the layout is missing", async () => {
  const root = await folderOf(PATHS);
  await rm(join(root, "val"), { recursive: true });
  await expect(openImageFolder(root)).rejects.toMatchObject({
    name: "UserError",
    message: expect.stringMatching(
      /val: must be a folder with one folder .*; found ENOENT/,
    ) as string,
  });
});

it("names the classes that only one of the splits has", async () => {
  const root = await folderOf([...PATHS, "val/n09/a.JPEG"]);
  await expect(openImageFolder(root)).rejects.toThrow("found only in one: val/n09");
});

it("refuses a class without images, and a split without classes", async () => {
  const withoutImages = await folderOf([...PATHS, "train/n05/a.txt", "val/n05/a.JPEG"]);
  await expect(openImageFolder(withoutImages)).rejects.toThrow(/n05: must hold .* \*\.JPEG/);
  const withoutClasses = await folderOf(["train/a.JPEG", "val/a.JPEG"]);
  await expect(openImageFolder(withoutClasses)).rejects.toThrow(
    /one folder for each class; found none/,
  );
});

it("counts images whatever their kind and the case of their names", async () => {
  const names = ["a.JPEG", "b.jpg", "c.JPG", "d.jpeg", "e.png", "f.PNG", "g.Jpg", "h.bmp", "i.gif"];
  const root = await folderOf([...names.map((name) => `train/n01/${name}`), "val/n01/a.jpg"]);
  const { train, val, leftOut } = await openImageFolder(root);
  expect(train.map(({ path }) => path)).toEqual(names.sort().map((name) => `train/n01/${name}`));
  expect([val.length, leftOut.count]).toEqual([1, 0]);
});

it("counts what is left out, with examples: other files, folders in classes, links to nothing", async () => {
  const root = await folderOf([
    ...PATHS,
    "train/list.csv",
    "train/n01/notes.txt",
    "train/n01/inner/a.JPEG",
    "val/n02/._v0.JPEG",
    "val/n02/b.webp",
  ]);
  const link = (target: string, path: string) => symlink(target, join(root, path));
  await link(join(root, "train/list.csv"), "train/to-a-file");
  await link(join(root, "nowhere"), "train/to-nothing");
  await link("in-a-circle", "val/in-a-circle");
  await link(join(root, "nowhere.JPEG"), "train/n02/lost.JPEG");
  await link(join(root, "train/n01/z.JPEG"), "train/n02/linked.JPEG");
  await mkdir(join(root, "val/n02/folder.JPEG"));
  const folder = await openImageFolder(root);
  expect(folder.classes).toEqual(["n01", "n01-x", "n02"]);
  expect(folder.train.map(({ path }) => path)).toContain("train/n02/linked.JPEG");
  expect([folder.train.length, folder.val.length]).toEqual([5, 3]);
  expect(folder.leftOut).toEqual({
    count: 10,
    examples: [
      "train/list.csv",
      "train/to-a-file",
      "train/to-nothing",
      "val/in-a-circle",
      "train/n01/inner",
    ],
  });
  expect(leftOutText(folder)).toMatch(
    /^10 entries are left out, .*\.png.*: train\/list.csv, .*, \.\.\.$/,
  );
  expect(leftOutText(await openImageFolder(await folderOf(PATHS)))).toBe(null);
});

const side = fc.integer({ min: 1, max: 3000 });
const seeded =
  (seed: number) =>
  (...words: number[]) =>
    uniformNumber(seed, ...words);

describe("a random crop", () => {
  it("always lies within the image", () => {
    fc.assert(
      fc.property(side, side, fc.integer(), (height, width, seed) => {
        const crop = randomCrop(height, width, seeded(seed));
        expect(crop.height).toBeGreaterThanOrEqual(1);
        expect(crop.width).toBeGreaterThanOrEqual(1);
        expect(crop.top).toBeGreaterThanOrEqual(0);
        expect(crop.left).toBeGreaterThanOrEqual(0);
        expect(crop.top + crop.height).toBeLessThanOrEqual(height);
        expect(crop.left + crop.width).toBeLessThanOrEqual(width);
      }),
    );
  });

  it("has 8 % to 100 % of the area, in shapes from 3:4 to 4:3, and fills both ranges", () => {
    const crops = Array.from({ length: 4000 }, (_, seed) => randomCrop(1000, 1000, seeded(seed)));
    const areas = crops.map(({ height, width }) => (height * width) / 1e6);
    const ratios = crops.map(({ height, width }) => width / height);
    expect(Math.min(...areas)).toBeGreaterThan(0.0795);
    expect(Math.min(...areas)).toBeLessThan(0.09);
    expect(Math.max(...areas)).toBeGreaterThan(0.95);
    expect(Math.min(...ratios)).toBeGreaterThan(0.748);
    expect(Math.min(...ratios)).toBeLessThan(0.76);
    expect(Math.max(...ratios)).toBeLessThan(1.337);
    expect(Math.max(...ratios)).toBeGreaterThan(1.32);
    // Uniform on [0.08, 1] up to 3/4, then rarer by -ln(area)/ln(4/3), the share of shapes that fit.
    const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
    expect(Math.abs(mean - 0.478)).toBeLessThan(0.02);
  });

  it("reaches every border", () => {
    const crops = Array.from({ length: 4000 }, (_, seed) => randomCrop(8, 8, seeded(seed)));
    expect(crops.some(({ top, height }) => top === 0 && height < 8)).toBe(true);
    expect(crops.some(({ top, height }) => top > 0 && top + height === 8)).toBe(true);
    expect(crops.some(({ left, width }) => left > 0 && left + width === 8)).toBe(true);
  });

  it("falls back to the centre of an image that is too narrow for any of its shapes", () => {
    expect(randomCrop(1000, 3, seeded(1))).toEqual({ top: 498, left: 0, height: 4, width: 3 });
    expect(randomCrop(2, 100, seeded(1))).toEqual({ top: 0, left: 48, height: 2, width: 3 });
  });
});

it("scales the shorter side, and rounds the longer one down", () => {
  expect(shorterSideTo(256, 375, 500)).toEqual([256, 341]);
  expect(shorterSideTo(256, 500, 375)).toEqual([341, 256]);
  expect(shorterSideTo(256, 100, 100)).toEqual([256, 256]);
  expect(shorterSideTo(256, 2999, 2999)).toEqual([256, 256]);
  fc.assert(
    fc.property(side, side, (height, width) => {
      expect(Math.min(...shorterSideTo(256, height, width))).toBe(256);
    }),
  );
});
