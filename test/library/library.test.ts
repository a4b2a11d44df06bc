/** @file The typed library as somebody else has it: below node_modules, compiled by a project of their own, run by Node. */

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { readStudy } from "../../harness/study/trained.ts";
import * as record from "../../library/record.ts";
import { aFolder, writeSweepFolder } from "../world/run-folders.ts";
import { aWholeRun } from "../world/runs.ts";

const manifest = JSON.parse(fs.readFileSync("package.json", "utf8")) as {
  exports: Record<string, { types: string; default: string }>;
};

/** A project with the library as a package, not as a link into the clone, beside what it depends on. */
function aProject(): { project: string; library: string } {
  const project = fs.realpathSync(aFolder());
  const library = path.join(project, "node_modules/rademark");
  execFileSync(process.execPath, ["setup/library.mjs", "--out", library], { stdio: "pipe" });
  for (const name of ["zod", "@noble", "@types"])
    fs.symlinkSync(path.resolve("node_modules", name), path.join(project, "node_modules", name));
  fs.copyFileSync("examples/read-runs.ts", path.join(project, "read-runs.ts"));
  fs.writeFileSync(path.join(project, "package.json"), JSON.stringify({ type: "module" }));
  return { project, library };
}

/** Errors of types in some files of the project; those of other packages are not ours to check. */
function typeErrors(
  project: string,
  resolution: Record<string, unknown>,
  isOwn: (path: string) => boolean,
): string[] {
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...{ ...resolution, types: ["node"], target: "es2024", lib: ["es2024"] },
      ...{ strict: true, noEmit: true, skipLibCheck: false },
    },
    project,
    path.join(project, "tsconfig.json"),
  );
  const program = ts.createProgram([path.join(project, "read-runs.ts")], options);
  const files = program
    .getSourceFiles()
    .filter(({ fileName }) => isOwn(path.relative(project, fileName)));
  return [
    ...program.getOptionsDiagnostics(),
    ...files.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ].map(({ file, messageText }) => {
    return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

const isExample = (file: string) => file === "read-runs.ts";
const isExampleOrLibrary = (file: string) =>
  isExample(file) || file.startsWith("node_modules/rademark/");

test("a project has its types under both resolutions, and Node runs the example", () => {
  const { project, library } = aProject();
  const bundler = { module: "esnext", moduleResolution: "bundler" };
  expect(typeErrors(project, { module: "nodenext" }, isExampleOrLibrary)).toEqual([]);
  expect(typeErrors(project, bundler, isExample)).toEqual([]);

  const runs = [1, 2, 3].map((seed) => aWholeRun({ seed, arch: "mlp-512", regs: "none" }));
  const study = writeSweepFolder(path.join(project, "grid"), [
    runs,
    [aWholeRun({ seed: 1, arch: "mlp-256", regs: "wd=0.005" })],
  ]);
  const told = readStudy(study).configurations.map(({ outcome }) => outcome!.summary.capacity!);
  const [{ mean, low, high }, single] = [told[0]!, told[1]!];
  const example = [path.join(project, "read-runs.ts"), study];
  expect(execFileSync(process.execPath, example, { encoding: "utf8" })).toBe(
    `mlp-512 none: capacity ${mean.toFixed(4)}, ${low!.toFixed(4)} to ${high!.toFixed(4)} (3 runs)\n` +
      `mlp-256 wd=0.005: capacity ${single.mean.toFixed(4)} (1 runs)\n`,
  );

  // what the clone exports is what was built, in its place
  const built = fs.readdirSync(library, { recursive: true }) as string[];
  const exported = ["./record", "./run-folder"].flatMap((name) =>
    Object.values(manifest.exports[name]!),
  );
  const missing = exported.filter((file) => !built.includes(file.replace("./dist/library/", "")));
  expect(missing).toEqual([]);
  expect(packagesOf(library, built)).toEqual(["@noble/ed25519", "@noble/hashes", "zod"]);
});

/** Packages that the library's code imports, which are those that it asks npm for. */
function packagesOf(library: string, files: readonly string[]): string[] {
  const imported = files
    .filter((file) => file.endsWith("js"))
    .flatMap((file) =>
      ts
        .preProcessFile(fs.readFileSync(path.join(library, file), "utf8"))
        .importedFiles.map(({ fileName }) => fileName),
    )
    .filter((name) => !/^(\.|node:)/.test(name))
    .map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)![0]);
  const { dependencies } = JSON.parse(
    fs.readFileSync(path.join(library, "package.json"), "utf8"),
  ) as { dependencies: Record<string, string> };
  expect(Object.keys(dependencies).sort()).toEqual([...new Set(imported)].sort());
  return Object.keys(dependencies).sort();
}

test("docs/library.md names what there is", () => {
  const text = fs.readFileSync("docs/library.md", "utf8");
  const [table] = /\| `rademark\/record`[^]*?\n\n/.exec(text) ?? [""];
  const named = Array.from(table.matchAll(/`([A-Za-z]+)`/g), ([, name]) => name!);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !(name in record))).toEqual([]);
});
