/** @file A real browser for the tests that need one: the machine's, else Debian's package where that is asked for. */

import fs from "node:fs";
import path from "node:path";
import { runTool } from "./child.mjs";
import { startProgress } from "./progress.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/** The program's path, RADEMARK_BROWSER first; null when there is none. */
export function findBrowser(env) {
  const folders = (env.PATH ?? "").split(path.delimiter).filter(Boolean);
  const places = folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name)));
  const candidates = [env.RADEMARK_BROWSER, ...places, MAC].filter(Boolean);
  return candidates.find((candidate) => fs.existsSync(candidate)) ?? null;
}

/**
 * With RADEMARK_INSTALL_BROWSER, Chromium is installed on Debian and its like, as root. Nobody who did
 * not ask gets a system package; without a browser its tests are skipped by name.
 * @param {import("./entry.mjs").Effects} effects
 * @returns {Promise<string | null>} the program's path
 */
export async function ensureBrowser(effects) {
  const found = findBrowser(effects.env);
  const isAsked = Boolean(effects.env.RADEMARK_INSTALL_BROWSER);
  if (found || !isAsked || !fs.existsSync("/usr/bin/apt-get")) return found;
  const progress = startProgress("chromium, for the tests in a browser", effects.stderr);
  const env = { ...effects.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { interruption: effects.interruption, env };
  const install = ["install", "--yes", "--no-install-recommends", "chromium"];
  for (const args of [["update"], install]) {
    const { code, output } = await runTool("apt-get", args, options);
    if (code === 0) continue;
    progress.stop();
    const reason = output.trim().split("\n").at(-1);
    effects.stderr.write(`apt-get ${args[0]} failed (${reason}); no tests in a browser.\n`);
    return null;
  }
  progress.done();
  return findBrowser(effects.env);
}
