/**
 * @file `npm run library [-- --out DIR]`: the typed library in dist/library, a package of its own (docs/library.md). Node
 * strips no types below node_modules, so it is JavaScript with declarations beside it.
 */

import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import "./node-floor.mjs";
import { runTool } from "./child.mjs";
import { SetupError, enter, withProgress } from "./entry.mjs";
import { ROOT, prepare } from "./prepare.mjs";
import { callersFolder } from "./shared/environment-variables.mjs";
import { replaceFolder } from "./site.mjs";

await enter(async (effects) => {
  const out = readArguments() ?? `${ROOT}/dist/library`;
  const prepared = await prepare(effects, ["library"]);
  const target = path.resolve(callersFolder(effects.env), out);
  const code = await replaceFolder(target, async (folder) => {
    await withProgress("the typed library", effects.stderr, () =>
      compile(folder, prepared, effects),
    );
    fs.writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest(), null, 2)}\n`);
    fs.copyFileSync(`${ROOT}/LICENSE`, `${folder}/LICENSE`);
    return 0;
  });
  process.stdout.write(`npm install ${target}\n`);
  return code;
});

/** @returns {string | undefined} */
function readArguments() {
  try {
    return parseArgs({ options: { out: { type: "string" } } }).values.out;
  } catch (error) {
    throw new SetupError(error.message);
  }
}

/** Types are not checked here: `npm run check` does. */
async function compile(folder, { node, env }, { interruption }) {
  const compiler = `${ROOT}/node_modules/typescript/bin/tsc`;
  const args = [compiler, "--project", "library", "--outDir", folder, "--noCheck"];
  const { code, output } = await runTool(node, args, { interruption, env, cwd: ROOT });
  if (code !== 0) throw new SetupError(`the library could not be built:\n${output.trim()}`);
}

/** Of the whole project's packages those that the library imports; paths as tsc writes them below `rootDir`. */
function manifest() {
  const whole = JSON.parse(fs.readFileSync(`${ROOT}/package.json`, "utf8"));
  const { name, version, description, license, type, dependencies } = whole;
  const entry = (file) => ({
    types: `./library/${file}.d.ts`,
    default: `./library/${file}.js`,
  });
  return {
    ...{ name, version, description, license, private: true, type },
    engines: { node: ">=22.18" },
    sideEffects: false,
    exports: {
      "./record": entry("record"),
      "./run-folder": entry("run-folder"),
      "./package.json": "./package.json",
    },
    dependencies: Object.fromEntries(
      Object.entries(dependencies).filter(([name]) => /^(zod$|@noble\/)/.test(name)),
    ),
  };
}
