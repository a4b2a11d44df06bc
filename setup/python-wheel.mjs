/** @file `npm run python:wheel [-- --out DIR]`: the Python package as a wheel and a source archive. */

import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import "./node-floor.mjs";
import { runTool } from "./child.mjs";
import { SetupError, enter } from "./entry.mjs";
import { ROOT } from "./prepare.mjs";
import { pythonEnvironment } from "./python.mjs";
import { callersFolder } from "./shared/environment-variables.mjs";

const HELP = `npm run python:wheel [-- --out DIR]

Builds the Python package in python/ as a wheel and a source archive, and prints their paths.

  --out DIR   folder of the two files (default: dist/python in the clone)
  --help      this text

It needs python3 (3.9 or newer) with venv, and the network once: the builder is kept in the cache folder
(RADEMARK_CACHE). Try the wheel: python3 -m pip install dist/python/rademark-*.whl
`;

const TOOLS = ["build>=1.2,<2", "hatchling>=1.27,<2"];

await enter(async (effects) => {
  const { out, help } = readArguments();
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  const target = path.resolve(callersFolder(effects.env), out ?? `${ROOT}/dist/python`);
  const python = await pythonEnvironment("wheel", TOOLS, effects);
  fs.mkdirSync(target, { recursive: true });
  const drafts = fs.mkdtempSync(path.join(target, ".build-"));
  try {
    await build(python, drafts, effects);
    for (const name of fs.readdirSync(drafts)) {
      fs.renameSync(path.join(drafts, name), path.join(target, name));
      process.stdout.write(`${path.join(target, name)}\n`);
    }
  } finally {
    fs.rmSync(drafts, { recursive: true, force: true });
  }
  return 0;
});

function readArguments() {
  const options = { out: { type: "string" }, help: { type: "boolean", short: "h" } };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new SetupError(`${error.message.split(". ")[0]}. Look at npm run python:wheel -- --help`);
  }
}

/** The wheel is built from the source archive, so that this one is complete. */
async function build(python, folder, { interruption, env }) {
  const words = ["-m", "build", "--no-isolation", "--outdir", folder, `${ROOT}/python`];
  const { code, output } = await runTool(python, words, { interruption, env });
  if (code !== 0) throw new SetupError(`the package could not be built:\n${output.trim()}`);
}
