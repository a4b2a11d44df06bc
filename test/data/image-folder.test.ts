import { createHash } from "node:crypto";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { openImageFolder } from "../../harness/data/image-folder.ts";
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
  const withoutImages = await folderOf([...PATHS, "train/n05/a.jpg", "val/n05/a.JPEG"]);
  await expect(openImageFolder(withoutImages)).rejects.toThrow(/n05: must hold .* \*\.JPEG/);
  const withoutClasses = await folderOf(["train/a.JPEG", "val/a.JPEG"]);
  await expect(openImageFolder(withoutClasses)).rejects.toThrow(
    /one folder for each class; found none/,
  );
});
