/**
 * @file `npm run images [-- --runs DIR]`: takes the README's pictures again: the first page and a board whose log was seeded
 * with the reference and, of a folder with finished runs, the top of its report.
 */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { callersFolder } from "../../setup/shared/environment-variables.mjs";
import { findBrowser } from "../../setup/tests.mjs";
import { REPOSITORY } from "./repository.ts";
import { startServer } from "./site/filled-folders.ts";
import { readOptions, text } from "./tool-options.ts";

const { runs } = readOptions("npm run images: the README's pictures, taken again", {
  runs: text("none", "folder with finished runs, whose report is taken as well"),
});

const browserPath = findBrowser(process.env) as string | null;
if (browserPath === null) throw new Error("no Chromium here: RADEMARK_BROWSER names one");
const work = mkdtempSync(join(tmpdir(), "rademark-images-"));
const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
try {
  const [site, folder] = [join(work, "site"), join(work, "server")];
  await run("setup/site-build.mjs", "--api", "none", "--out", site);
  const reference = `${REPOSITORY}reference/log.jsonl.gz`;
  await run("harness/cli/rademark.ts", "db", "restore", reference, "--new-log", "--data", folder);
  const server = await startServer(folder, site);
  try {
    await takePicture(browser, `${server.url}/`, "landing", 800);
    await takePicture(browser, `${server.url}/boards/micro-1/`, "board", 1000);
  } finally {
    await server.stop();
  }
  if (runs !== "none") {
    const report = join(work, "report.html");
    const trained = resolve(callersFolder(process.env), runs);
    await run("harness/cli/rademark.ts", "report", trained, "--out", report);
    await takePicture(browser, pathToFileURL(report).href, "report", 1100);
  }
} finally {
  await browser.close();
  rmSync(work, { recursive: true, force: true });
}

async function run(program: string, ...args: string[]): Promise<void> {
  const options = { maxBuffer: 2 ** 26 };
  await promisify(execFile)(process.execPath, [REPOSITORY + program, ...args], options);
}

/** Of the top of a page, 1280 pixels across, in the light theme, once all of it is there. */
async function takePicture(browser: Browser, url: string, name: string, height: number) {
  const viewport = { width: 1280, height };
  const page = await browser.newPage({ viewport, colorScheme: "light" });
  await page.goto(url, { waitUntil: "networkidle" });
  await page.screenshot({ path: `${REPOSITORY}docs/images/${name}.png` });
  await page.close();
}
