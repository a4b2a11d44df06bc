/** @file Runs vitest and ends with the closing line that CI reads. */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { handOver, runTool } from "./child.mjs";
import { ROOT } from "./prepare.mjs";
import { startProgress } from "./entry.mjs";

/**
 * @param {string[]} args for vitest
 * @param {{node: string, env: NodeJS.ProcessEnv}} prepared
 * @param {import("./entry.mjs").Effects} effects
 * @returns {Promise<number>} vitest's exit code
 */
export async function runTests(args, { node, env }, effects) {
  const browser = await ensureBrowser(effects);
  await ensureSlurm(effects);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "rademark-tests-"));
  const found = browser === null ? {} : { RADEMARK_BROWSER: browser };
  const countsFile = `${folder}/counts.json`;
  try {
    const reporters = ["--reporter=default", `--reporter=${ROOT}/setup/test-counts.mjs`];
    const code = await handOver(
      node,
      [`${ROOT}/node_modules/vitest/vitest.mjs`, "run", ...reporters, ...args],
      { cwd: ROOT, env: { ...env, ...found, RADEMARK_TEST_COUNTS: countsFile } },
    );
    process.stdout.write(`${closingLine(countsFile, code)}\n`);
    return code;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** A run that ended without counts, or that failed though every test passed, adds a failure. */
function closingLine(countsFile, code) {
  const counts = fs.existsSync(countsFile)
    ? JSON.parse(fs.readFileSync(countsFile, "utf8"))
    : { passed: 0, failed: 0, skipped: 0 };
  const failed = code === 0 ? counts.failed : Math.max(1, counts.failed);
  return `${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`;
}

/** A shell without windows opens a page in a fifth of the processor time. */
const SHELL = "chromium-headless-shell";
const NAMES = [SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/** The program's path, RADEMARK_BROWSER first; null when there is none. */
export function findBrowser(env) {
  const folders = (env.PATH ?? "").split(path.delimiter).filter(Boolean);
  const places = folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name)));
  const candidates = [env.RADEMARK_BROWSER, ...places, MAC].filter(Boolean);
  return candidates.find((candidate) => fs.existsSync(candidate)) ?? null;
}

/** The browser's path; null when there is none. @param {import("./entry.mjs").Effects} effects */
async function ensureBrowser(effects) {
  // Not every system that has the browser has the shell.
  for (const name of [SHELL, "chromium"])
    if (findBrowser(effects.env) === null && effects.env.RADEMARK_INSTALL_BROWSER)
      await installPackages([name], "tests in a browser", effects);
  return findBrowser(effects.env);
}

/** Slurm of a cluster of one node, for tests that start it. @param {import("./entry.mjs").Effects} effects */
async function ensureSlurm(effects) {
  const isThere = ["/usr/sbin/slurmctld", "/usr/sbin/munged"].every((file) => fs.existsSync(file));
  if (!isThere && effects.env.RADEMARK_INSTALL_SLURM)
    await installPackages(["slurm-wlm", "munge"], "tests on a Slurm cluster", effects);
}

/**
 * Installs packages of Debian and similar systems, as root. Nobody gets a system package without asking for it by a variable;
 * tests that lack theirs are skipped by name.
 * @param {string[]} packages
 * @param {string} purpose
 * @param {import("./entry.mjs").Effects} effects
 */
async function installPackages(packages, purpose, effects) {
  if (!fs.existsSync("/usr/bin/apt-get")) return;
  const progress = startProgress(`${packages.join(", ")}, for ${purpose}`, effects.stderr);
  // Where there is no systemd, this run level keeps daemons of theirs from being started.
  const env = { ...effects.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const options = { interruption: effects.interruption, env };
  const install = ["install", "--yes", "--no-install-recommends", ...packages];
  for (const args of [["update"], install]) {
    const { code, output } = await runTool("apt-get", args, options);
    if (code === 0) continue;
    progress.stop();
    const reason = output.trim().split("\n").at(-1);
    effects.stderr.write(`apt-get ${args[0]} failed (${reason}); no ${purpose}.\n`);
    return;
  }
  progress.done();
}
