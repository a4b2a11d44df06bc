/** @file What a command's code imports is in the parts that it installs, and npm takes the lock file of every combination. */

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import {
  type Locked,
  type Part,
  ALL,
  closureOf,
  needsOf,
  rootsOf,
  selectParts,
} from "../../setup/parts.mjs";
import { arePackagesReady } from "../../setup/npm.mjs";
import { COMMANDS } from "../../setup/shared/commands.mjs";
import { temporaryFolder } from "./effects.ts";

const manifest = JSON.parse(fs.readFileSync("package.json", "utf8")) as object;
const lock = JSON.parse(fs.readFileSync("package-lock.json", "utf8")) as { packages: Locked };
const commands = [...COMMANDS.keys()];
const WORKER = "harness/train/training-worker.ts";

/** Files and packages that the code of a file may load: with it, later, or in processes and threads that it starts. */
function reachedFrom(unused: string | undefined, ...start: string[]): Set<string> {
  const met = new Set(start);
  for (const file of met)
    for (const target of targetsOf(file)) if (target !== unused) met.add(target);
  return met;
}

const known = new Map<string, string[]>();

function targetsOf(file: string): string[] {
  if (!/\.(ts|mjs)$/.test(file)) return []; // a package, or data
  const found = known.get(file);
  if (found) return found;
  const text = fs.readFileSync(file, "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const targets = targetsIn(source, source, file).map((target) =>
    target.startsWith(".") ? path.join(path.dirname(file), target) : target,
  );
  // Everybody has the worker's path among the effects; who reads it there starts one.
  if (/\beffects\.worker\b/.test(text)) targets.push(WORKER);
  known.set(file, targets);
  return targets;
}

function targetsIn(node: ts.Node, source: ts.SourceFile, file: string): string[] {
  if (isOfTypes(node)) return [];
  const inner: string[] = [];
  ts.forEachChild(node, (child) => void inner.push(...targetsIn(child, source, file)));
  const literal = literalOf(node, source, file);
  return literal === null ? inner : [literal, ...inner];
}

function isOfTypes(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node) || node.importClause === undefined) return false;
  const { phaseModifier, name, namedBindings } = node.importClause;
  if (phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  if (name || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly);
}

/** What is imported, required, or named as a module's address. The table of commands itself reaches all of them. */
function literalOf(node: ts.Node, source: ts.SourceFile, file: string): string | null {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node))
    return node.moduleSpecifier ? (node.moduleSpecifier as ts.StringLiteral).text : null;
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return null;
  const [first, second] = node.arguments ?? [];
  if (first === undefined || !ts.isStringLiteral(first)) return null;
  const called = node.expression.getText(source);
  if (called === "import") return file === "harness/cli/commands.ts" ? null : first.text;
  if (called === "require" || /^createRequire\(.*\)$/.test(called)) return first.text;
  const isAddress = called === "URL" && second?.getText(source) === "import.meta.url";
  const isModule = isAddress && /\.(ts|mjs)$/.test(first.text) && file !== "harness/effects.ts";
  return isModule ? path.join(".", first.text).replace(/^(?!\.)/, "./") : null;
}

const packageOf = (name: string) => /^(@[^/]+\/)?[^/]+/.exec(name)![0];

const packagesIn = (reached: Set<string>) =>
  new Set(
    [...reached]
      .filter((each) => !/^node:|\.(ts|mjs|json)$/.test(each))
      .map((each) => packageOf(each)),
  );

/** `ls` takes the choice of a protocol from beside that of custom code, which it does not try. */
const UNUSED: Record<string, string> = { ls: "harness/cli/custom-files.ts" };

const programOf = (command: string) =>
  reachedFrom(UNUSED[command], "harness/cli/rademark.ts", `harness/cli/commands/${command}.ts`);

/** Its needs whatever follows: `data add` takes more than the other actions. */
const mostNeedsOf = (command: string) => needsOf([command, "add"]);

test.each(commands)("%s installs what it imports", (command) => {
  const roots = rootsOf(lock.packages, mostNeedsOf(command));
  const missing = [...packagesIn(programOf(command))].filter((name) => !roots.has(name));
  expect(missing).toEqual([]);
});

test.each(commands)(
  "%s installs neither TensorFlow nor a database that it does not import",
  (command) => {
    const imported = packagesIn(programOf(command));
    expect([
      imported.has("@tensorflow/tfjs-node-gpu") || command === "bench",
      imported.has("@electric-sql/pglite"),
    ]).toEqual([mostNeedsOf(command).includes("engine"), mostNeedsOf(command).includes("server")]);
  },
);

test("the walk finds a worker, a server in a process of its own, a thread and what is required", () => {
  expect([...programOf("run")]).toContain(WORKER);
  expect([...programOf("probe")]).toContain("@tensorflow/tfjs-node-gpu");
  expect([...programOf("serve")]).toEqual(
    expect.arrayContaining(["api/node.ts", "api/node/rank-worker.ts", "pg"]),
  );
  expect([...programOf("verify")]).not.toContain(WORKER);
});

test("verify, keys and status install no TensorFlow, no workerd and no database", () => {
  for (const command of [
    "verify",
    "keys",
    "status",
    "export",
    "retract",
    "ls",
    "compare",
    "report",
  ]) {
    const folders = [...closureOf(lock.packages, rootsOf(lock.packages, needsOf([command])))];
    expect(folders).toContain("node_modules/zod");
    expect(
      folders.filter((each) => /tensorflow|workerd|postgres|pglite|astro|node-linux/.test(each)),
    ).toEqual([]);
  }
});

test("all parts and Node together are the whole lock file", () => {
  const { packages } = selectParts(manifest, lock, [...ALL, "node"], "").lock;
  expect(packages).toEqual(lock.packages);
});

const combinations: readonly (readonly Part[])[] = [
  [],
  ["server"],
  ["pages"],
  ["engine", "server", "pages"],
];

/** Npm refuses a lock file that does not fit its package.json, before it fetches anything. */
test.each(combinations.map((parts) => [parts]))("npm takes the lock file of %j", (parts) => {
  const folder = temporaryFolder();
  const selected = selectParts(manifest, lock, [...parts, "node"], "https://registry.invalid");
  fs.writeFileSync(`${folder}/package.json`, JSON.stringify(selected.manifest));
  fs.writeFileSync(`${folder}/package-lock.json`, JSON.stringify(selected.lock));
  execFileSync("npm", ["ci", "--dry-run", "--offline", "--ignore-scripts"], {
    cwd: folder,
    stdio: "pipe",
  });
  const { version, resolved } = selected.lock.packages["node_modules/zod"]!;
  expect(resolved).toBe(`https://registry.invalid/zod/-/zod-${version}.tgz`);
});

/** As npm installed it for these tests: what it leaves out on this platform is not missed. */
test("whoever has all packages has each combination", () => {
  for (const parts of [...combinations, ["tests"] as const])
    expect([parts, arePackagesReady(".", parts)]).toEqual([parts, true]);
});

test("an address names a scoped package without its scope, and one within another", () => {
  const { packages } = selectParts(manifest, lock, ["engine"], "https://registry.invalid/npm").lock;
  const resolved = (folder: string) => packages[folder]!.resolved;
  expect(resolved("node_modules/@tensorflow/tfjs-core")).toBe(
    "https://registry.invalid/npm/@tensorflow/tfjs-core/-/tfjs-core-4.22.0.tgz",
  );
  const nested = Object.keys(packages).find((folder) => folder.lastIndexOf("node_modules/") > 0)!;
  expect(resolved(nested)).toMatch(
    /^https:\/\/registry\.invalid\/npm\/[^/]+\/-\/[^/]+\.tgz$|\/npm\/@/,
  );
});
