/** @file The pages that `npm start` serves: built once, and again when their sources have changed. */

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { spawn } from "node:child_process";
import { handOver, runTool } from "./child.mjs";
import { SetupError, explainFileErrors, startProgress, withProgress } from "./entry.mjs";
import { ROOT } from "./prepare.mjs";
import { callersFolder } from "./shared/environment-variables.mjs";
import { makeFolders } from "./shared/folder.mjs";
import { systemErrorWords } from "./shared/system-error.mjs";
import { visible } from "./shared/visible.mjs";

const ASTRO = `${ROOT}/node_modules/astro/bin/astro.mjs`;

/** Of whatever starts Astro. */
export const ASTRO_ENV = { ASTRO_TELEMETRY_DISABLED: "1" };

/** For Node: types of the site's pages and components, which tsc cannot read. */
export const SITE_CHECK = [ASTRO, "check", "--tsconfig", "site/tsconfig.json"];

/** The dump of the log that the founding grid was listed in; some clones have none. */
const REFERENCE = `${ROOT}/reference/log.jsonl.gz`;

const SOURCES = ["site", "record", "docs/your-network.md", "astro.config.ts", "package-lock.json"];
const BUILT = `${ROOT}/dist/site`;

/** Beside the site, and gone when it is replaced by one with data in it. */
const STAMP = `${BUILT}.sha256`;

/**
 * Builds the site without any server's data: its pages fetch that when they are opened.
 * @param {{node: string, env: NodeJS.ProcessEnv}} prepared
 * @param {import("./entry.mjs").Effects} effects
 */
export async function ensureSite({ node, env }, effects) {
  const reference = ownReference();
  const settings = siteSettings(env);
  const digest = sourcesDigest(reference === null ? [] : [reference], settings);
  const isBuilt = fs.existsSync(`${BUILT}/index.html`) && fs.existsSync(STAMP);
  if (isBuilt && fs.readFileSync(STAMP, "utf8") === digest) return;
  await withReference(reference, { node, env, ...effects }, async (variables) => {
    const progress = startProgress("pages of the site", effects.stderr);
    let output = "";
    const code = await replaceFolder(BUILT, async (folder) => {
      const built = await runTool(node, [ASTRO, "build", "--outDir", folder], {
        interruption: effects.interruption,
        cwd: ROOT,
        env: { ...env, ...ASTRO_ENV, ...variables, ...settings, RADEMARK_API: "none" },
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
  });
}

/** Null where the clone has none. */
export function ownReference() {
  return fs.existsSync(REFERENCE) ? REFERENCE : null;
}

/**
 * The pages for `serve`: those that `npm run site:build` drew with a server's data stay; where none can be built, the server
 * still answers.
 * @param {{node: string, env: NodeJS.ProcessEnv}} prepared
 * @param {import("./entry.mjs").Effects} effects
 */
export async function ensurePages(prepared, effects) {
  if (fs.existsSync(`${BUILT}/index.html`) && !fs.existsSync(STAMP)) return;
  try {
    await ensureSite(prepared, effects);
  } catch (error) {
    effects.interruption.throwIfAborted();
    const words = error instanceof SetupError ? error.message : systemErrorWords(error);
    if (words === null) throw error;
    effects.stderr.write(visible(`No pages: ${words}\n`));
  }
}

/**
 * Where the pages will stand, and where the code lies, for Astro (astro.config.ts) and its pages.
 * @param {NodeJS.ProcessEnv} env
 * @param {{site?: string, repository?: string}} [given] on the command line
 * @throws SetupError for what is no address
 */
export function siteSettings(env, given = {}) {
  const site = addressGiven("SITE_URL", given.site ?? env.SITE_URL ?? "");
  const repository = addressGiven("REPOSITORY_URL", given.repository ?? env.REPOSITORY_URL ?? "");
  if (site !== null && (site.pathname !== "/" || site.search !== "" || site.hash !== ""))
    throw new SetupError(
      `SITE_URL: ${site.href} has more than a host. Pages lead to one another from the root of their address, such as ` +
        "https://rademark.example, so name that alone.",
    );
  return { SITE_URL: site?.origin ?? "", REPOSITORY_URL: repository?.href ?? "" };
}

/** Null for an empty one. */
function addressGiven(name, text) {
  if (text === "") return null;
  const address = URL.canParse(text) ? new URL(text) : null;
  const isWeb = address?.protocol === "https:" || address?.protocol === "http:";
  if (!isWeb || address.username !== "" || address.password !== "")
    throw new SetupError(
      `${name}: ${visible(text)} is no web address. Write one that begins with https:// or http:// and has no password in it.`,
    );
  return address;
}

/** Digest of every source's path and bytes. @param {string[]} others files besides @param {object} settings */
function sourcesDigest(others, settings) {
  const hash = createHash("sha256").update(JSON.stringify(settings));
  for (const file of [...SOURCES.flatMap(filesBelow), ...others].sort())
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

/**
 * @param {string} target replaced when `fill` returns 0, untouched otherwise
 * @param {(folder: string) => Promise<number>} fill its folder is in the repository: Astro's own temporary files lie in
 *   it then, and two builds at a time do not meet
 * @returns {Promise<number>} what `fill` returned
 */
export async function replaceFolder(target, fill) {
  const draft = `${ROOT}/dist/draft-${process.pid}`;
  try {
    const code = await fill(draft);
    if (code === 0) await explainFileErrors(path.dirname(target), async () => put(draft, target));
    return code;
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

/** Copied next to the target first where that is on another disk. */
function put(draft, target) {
  const [fresh, old] = [`${target}.new`, `${target}.old`];
  for (const left of [fresh, old, `${target}.sha256`])
    fs.rmSync(left, { recursive: true, force: true });
  makeFolders(path.dirname(target));
  fs.cpSync(draft, fresh, { recursive: true });
  if (fs.existsSync(target)) fs.renameSync(target, old);
  fs.renameSync(fresh, target);
  fs.rmSync(old, { recursive: true, force: true });
}

/**
 * @param {string[]} args of Astro
 * @param {{node: string, env: NodeJS.ProcessEnv}} prepared
 * @returns {Promise<number>} its exit code
 */
export function runAstro(args, { node, env }) {
  return handOver(node, [ASTRO, ...args], { cwd: ROOT, env: { ...env, ...ASTRO_ENV } });
}

/**
 * The variables under which Astro draws the reference onto every board (docs/decisions/0062).
 *
 * @template T
 * @param {string | null} dump path as the person typed it; null for none
 * @param {Mirroring} prepared
 * @param {(variables: NodeJS.ProcessEnv) => Promise<T>} body
 * @returns {Promise<T>}
 */
export function withReference(dump, prepared, body) {
  // undefined: whatever the person's environment has under that name is not meant
  if (dump === null) return body({ RADEMARK_REFERENCE: undefined });
  return withMirror(dump, prepared, (url) => body({ RADEMARK_REFERENCE: url }), "the reference");
}

/** @typedef {import("./prepare.mjs").Prepared & Pick<import("./entry.mjs").Effects, "stderr" | "interruption">} Mirroring with where to say how long it takes */

/**
 * @template T
 * @param {string} dump path as the person typed it
 * @param {Mirroring} prepared
 * @param {(url: string) => Promise<T>} body
 * @param {string} [name] what it is called while it is read
 * @returns {Promise<T>}
 */
export async function withMirror(
  dump,
  { node, env, stderr, interruption },
  body,
  name = "the dump",
) {
  const file = path.resolve(callersFolder(env), dump);
  const args = [`${ROOT}/api/node.ts`, "mirror", file, "--port", "0", "--with-parent"];
  // A database of the person's own has no part in this.
  const { DATABASE_URL: _, ...rest } = env;
  const child = spawn(node, args, { env: rest, stdio: ["pipe", "ignore", "pipe", "ipc"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const stop = () => child.kill();
  interruption.addEventListener("abort", stop);
  try {
    // Minutes for a large log: every signature in it is checked.
    const address = () => addressOf(child, file);
    return await body(await withProgress(`${name}, read and checked`, stderr, address));
  } finally {
    interruption.removeEventListener("abort", stop);
    child.stdin.end();
    await ended;
  }
}

/** @throws SetupError with what the process said, when it ends before it listens. */
function addressOf(child, file) {
  return new Promise((resolve, reject) => {
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
    child.once("message", ({ url }) => {
      if (url) resolve(url);
    });
    child.once("error", reject);
    child.once("close", () => reject(new SetupError(`${file}: ${errors.trim()}`)));
  });
}
