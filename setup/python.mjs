/** @file Python environments in the cache: for `npm run python:wheel`, and for the tests of python/. */

import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { cacheFolder } from "./cache.mjs";
import { runTool } from "./child.mjs";
import { EXIT, SetupError, startProgress } from "./entry.mjs";
import { withLock } from "./lock.mjs";
import { installCommand } from "./machine.mjs";
import { makeFolders } from "./shared/folder.mjs";

/** The package's own floor (python/pyproject.toml). */
const FLOOR = [3, 9];

/**
 * A Python with these packages; made once, from the index of pip's settings. Needs no network once it is there.
 * @param {string} name of its folder's beginning
 * @param {readonly string[]} requirements as pip takes them
 * @param {import("./entry.mjs").Effects} effects
 * @returns {Promise<string>} path of its python
 * @throws {SetupError} when python3, its venv or the network is missing, with what to do
 */
export async function pythonEnvironment(name, requirements, effects) {
  const version = await requirePython(effects);
  const key = crypto.createHash("sha256").update(JSON.stringify([version, requirements]));
  const parent = path.join(cacheFolder(effects.env), "python");
  const folder = path.join(parent, `${name}-${key.digest("hex").slice(0, 8)}`);
  const [python, ready] = [path.join(folder, "bin/python"), path.join(folder, "ready.json")];
  const isThere = () => fs.existsSync(ready) && fs.existsSync(python);
  if (isThere()) return python;
  makeFolders(parent);
  await withLock(`${parent}/set-up.lock`, effects, async (locked) => {
    if (isThere()) return;
    await fs.promises.rm(folder, { recursive: true, force: true }); // what an interruption left
    const progress = startProgress(`python with ${requirements.join(", ")}`, locked.stderr);
    try {
      await makeEnvironment(folder, locked);
      await install(python, requirements, locked);
    } catch (error) {
      progress.stop();
      throw error;
    }
    fs.writeFileSync(ready, `${JSON.stringify({ version, requirements })}\n`);
    progress.done();
  });
  return python;
}

/** @returns {Promise<string>} such as `3.11` */
async function requirePython({ interruption, env }) {
  const words = ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"];
  const { code, output } = await runTool("python3", words, { interruption, env });
  if (code !== 0)
    throw new SetupError(`python3 is missing. Install it: ${installCommand("python", env)}`);
  const version = output.trim().split("\n").at(-1);
  const [major, minor] = version.split(".").map(Number);
  if (major < FLOOR[0] || (major === FLOOR[0] && minor < FLOOR[1]))
    throw new SetupError(`python3 is ${version}; the package needs ${FLOOR.join(".")} or newer.`);
  return version;
}

/** Debian's python3 needs a further package to put pip into an environment; else a pip outside installs into it. */
async function makeEnvironment(folder, { interruption, env }) {
  const made = await runTool("python3", ["-m", "venv", folder], { interruption, env });
  if (made.code === 0) return;
  const words = ["-m", "venv", "--clear", "--without-pip", folder];
  const { code, output } = await runTool("python3", words, { interruption, env });
  if (code === 0) return;
  throw new SetupError(`python3 could not make an environment; it said:\n${output.trim()}`);
}

async function install(python, requirements, { interruption, env }) {
  const own = await runTool(python, ["-c", "import pip"], { interruption, env });
  const [command, ...before] =
    own.code === 0 ? [python, "-m", "pip"] : ["python3", "-m", "pip", "--python", python];
  const quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"];
  const words = [...before, "install", ...quiet, ...requirements];
  const { code, output } = await runTool(command, words, { interruption, env });
  if (code === 0) return;
  const said = output.trim().split("\n").slice(-8).join("\n");
  throw new SetupError(
    `pip could not install ${requirements.join(", ")}; it said:\n${said}`,
    EXIT.network,
  );
}
