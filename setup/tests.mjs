/** @file Runs vitest and ends with the closing line that CI reads. */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ensureBrowser } from "./browser.mjs";
import { handOver } from "./child.mjs";
import { ROOT } from "./prepare.mjs";

/**
 * @param {string[]} args for vitest
 * @param {{node: string, env: NodeJS.ProcessEnv}} prepared
 * @param {import("./entry.mjs").Effects} effects
 * @returns {Promise<number>} vitest's exit code
 */
export async function runTests(args, { node, env }, effects) {
  const browser = await ensureBrowser(effects);
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

/** A run that ended without counts, or badly though every test passed, has a failure of its own. */
function closingLine(countsFile, code) {
  const counts = fs.existsSync(countsFile)
    ? JSON.parse(fs.readFileSync(countsFile, "utf8"))
    : { passed: 0, failed: 0, skipped: 0 };
  const failed = code === 0 ? counts.failed : Math.max(1, counts.failed);
  return `${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`;
}
