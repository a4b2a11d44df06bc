/** @file The pages that `npm start` serves: built once, and again when what they are built from has changed. */

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { runTool } from "./child.mjs";
import { SetupError } from "./failure.mjs";
import { ROOT } from "./prepare.mjs";
import { startProgress } from "./progress.mjs";
import { replaceFolder } from "./site-folder.mjs";

const SOURCES = ["site", "record", "astro.config.ts", "package-lock.json"];
const BUILT = `${ROOT}/dist/site`;
/** Beside the site, and gone when it is replaced by one with data in it. */
const STAMP = `${BUILT}.sha256`;

/**
 * Builds the site without any server's data: its pages fetch that when they are opened.
 * @param {{node: string, env: NodeJS.ProcessEnv}} prepared
 * @param {import("./entry.mjs").Effects} effects
 */
export async function ensureSite({ node, env }, effects) {
  const digest = sourcesDigest();
  const isBuilt = fs.existsSync(`${BUILT}/index.html`) && fs.existsSync(STAMP);
  if (isBuilt && fs.readFileSync(STAMP, "utf8") === digest) return;
  const progress = startProgress("pages of the site", effects.stderr);
  let output = "";
  const code = await replaceFolder(BUILT, async (folder) => {
    const args = [`${ROOT}/node_modules/astro/bin/astro.mjs`, "build", "--outDir", folder];
    const built = await runTool(node, args, {
      interruption: effects.interruption,
      cwd: ROOT,
      env: { ...env, ASTRO_TELEMETRY_DISABLED: "1", RADEMARK_API: "none" },
    });
    output = built.output;
    return built.code;
  });
  if (code !== 0) {
    progress.stop();
    throw new SetupError(`the site could not be built:\n${output.trim()}`);
  }
  fs.writeFileSync(STAMP, digest);
  progress.done();
}

/** Of every source's path and bytes. */
function sourcesDigest() {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap(filesBelow).sort())
    hash.update(`${path.relative(ROOT, file)}\0`).update(fs.readFileSync(file));
  return hash.digest("hex");
}

function filesBelow(name) {
  const place = path.join(ROOT, name);
  if (fs.statSync(place).isFile()) return [place];
  return fs
    .readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
