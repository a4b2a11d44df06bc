import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

/** Whom each folder may import besides itself, and which packages. */
const RULES: Record<string, { folders: string[]; packages: (name: string) => boolean }> = {
  "setup/lock": { folders: [], packages: (name) => name.startsWith("node:") },
  /** Plain Node, for the set-up and for every process of the product that runs on this machine. */
  "setup/shared": { folders: [], packages: (name) => name.startsWith("node:") },
  setup: { folders: ["setup/lock", "setup/shared"], packages: (name) => name.startsWith("node:") },
  record: { folders: [], packages: (name) => /^(zod$|@noble\/)/.test(name) },
  "site/charts": { folders: ["record"], packages: (name) => !/^(node:|@tensorflow\/)/.test(name) },
  site: {
    folders: ["record", "site/charts"],
    packages: (name) => /^(@observablehq\/plot|linkedom|zod|astro(\/.*)?)$/.test(name),
  },
  db: { folders: ["record", "setup/shared"], packages: (name) => !/^@tensorflow\//.test(name) },
  api: {
    folders: ["record", "db", "setup/shared"],
    packages: (name) => !/^@tensorflow\//.test(name),
  },
  harness: {
    folders: ["record", "site/charts", "setup/lock", "setup/shared"],
    packages: () => true,
  },
};

const folderOf = (path: string) =>
  Object.keys(RULES).find((folder) => path.startsWith(`${folder}/`)) ?? dirname(path);

const files = globSync("{setup,record,harness,db,api,site}/**/*.{ts,mjs}");
const imports = files.flatMap((file) =>
  ts
    .preProcessFile(readFileSync(file, "utf8"), true, true)
    .importedFiles.map(({ fileName }) => ({ file, target: fileName })),
);

test("imports point down: record at the bottom, TensorFlow in the harness alone", () => {
  const broken = imports.filter(({ file, target }) => {
    const folder = folderOf(file);
    const rule = RULES[folder];
    if (!target.startsWith(".")) return !rule?.packages(target);
    const other = folderOf(join(dirname(file), target));
    return other !== folder && !rule?.folders.includes(other);
  });
  expect(broken).toEqual([]);
});

test("no files import each other in a circle", () => {
  const done = new Set<string>();
  const circleFrom = (file: string, path: string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    done.add(file);
    const next = imports.filter((each) => each.file === file && each.target.startsWith("."));
    return next.reduce<string[] | null>(
      (found, { target }) => found ?? circleFrom(join(dirname(file), target), [...path, file]),
      null,
    );
  };
  expect(files.flatMap((file) => circleFrom(file, []) ?? [])).toEqual([]);
});

test("imports of every kind are found", () => {
  expect(imports).toContainEqual({ file: "record/run.ts", target: "zod" });
  expect(imports).toContainEqual({
    file: "record/protocols.ts",
    target: "./protocols/micro-1.json",
  });
  expect(imports.length).toBeGreaterThan(files.length);
});
