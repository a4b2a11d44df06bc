/** @file `npm ci` of the parts that are needed, with progress, and what its failures mean. */

import fs from "node:fs";
import path from "node:path";
import { runTool } from "./child.mjs";
import { EXIT, SetupError, withProgress } from "./entry.mjs";
import { requireNode } from "./node.mjs";
import { ALL, closureOf, rootsOf, selectParts } from "./parts.mjs";
import { makeFolders } from "./shared/folder.mjs";

const NETWORK_FAILURE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET|CERT_|npm error code E5\d\d/;
/** A registry that keeps its files elsewhere than where registries do. */
const NOT_THERE = /npm error code E4\d\d/;

const readJson = (file) => JSON.parse(fs.readFileSync(file, "utf8"));
const lockedIn = (root) => readJson(`${root}/package-lock.json`).packages;
const noteFile = (root) => `${root}/node_modules/.package-lock.json`;

/** Npm's own note of what it installed, which it writes last. @returns {import("./parts.mjs").Locked} */
function notedIn(root) {
  return fs.existsSync(noteFile(root)) ? readJson(noteFile(root)).packages : {};
}

/**
 * True when node_modules holds what package-lock.json asks for in these parts, whoever installed it.
 * @param {readonly import("./parts.mjs").Part[]} parts
 */
export function arePackagesReady(root, parts) {
  const noted = notedIn(root);
  const locked = lockedIn(root);
  const needed = closureOf(locked, rootsOf(locked, parts), isForHere);
  return [...needed].every((folder) => noted[folder]?.version === locked[folder].version);
}

/** False for a package that npm leaves out here, as it is for other platforms. */
function isForHere({ os, cpu, libc }) {
  return (
    [os ?? process.platform].flat().includes(process.platform) &&
    [cpu ?? process.arch].flat().includes(process.arch) &&
    [libc ?? "glibc"].flat().includes("glibc")
  );
}

/** Parts that were installed before, perhaps in other versions: they are not to vanish. */
function partsThere(root) {
  const noted = notedIn(root);
  const locked = lockedIn(root);
  const base = rootsOf(locked, []);
  return [...ALL, "node"].filter((part) => {
    const own = [...rootsOf(locked, [part])].filter((name) => !base.has(name));
    const folders = own.map((name) => `node_modules/${name}`);
    return (
      folders.some((folder) => noted[folder]) &&
      folders.every((folder) => noted[folder] || !isForHere(locked[folder]))
    );
  });
}

/**
 * `npm ci` in a folder of its own, then renames: what is missing is added to node_modules while others use it. Where the
 * lock file has changed since, all of it is replaced. An interrupted install leaves the old node_modules as it was, or none.
 * The caller holds the lock of the clone.
 * @param {readonly import("./parts.mjs").Part[]} parts
 * @param {import("./entry.mjs").Effects} effects
 */
export async function installPackages(root, parts, effects) {
  const work = `${root}/.rademark`;
  for (const name of fs.readdirSync(work).filter((name) => name.endsWith(".partial"))) {
    await remove(path.join(work, name));
  }
  const partial = `${work}/packages-${process.pid}.partial`;
  const all = [...new Set([...parts, ...partsThere(root)])];
  fs.mkdirSync(partial);
  try {
    if (fs.existsSync(`${root}/.npmrc`)) fs.copyFileSync(`${root}/.npmrc`, `${partial}/.npmrc`);
    await installInto(partial, { root, parts: all }, effects);
    makeFolders(`${partial}/node_modules`);
    requireNode(partial);
    effects.interruption.throwIfAborted();
    if (canGrow(root, partial)) grow(root, partial);
    else await replace(root, partial, `${work}/replaced-${process.pid}.partial`);
  } finally {
    await remove(partial);
  }
}

const remove = (folder) => fs.promises.rm(folder, { recursive: true, force: true, maxRetries: 3 });

/** No package's script runs. */
async function installInto(folder, { root, parts }, effects) {
  const [manifest, lock] = ["package.json", "package-lock.json"].map((name) =>
    readJson(`${root}/${name}`),
  );
  const write = (registry) => {
    const selected = selectParts(manifest, lock, parts, registry);
    fs.writeFileSync(`${folder}/package.json`, JSON.stringify(selected.manifest));
    fs.writeFileSync(`${folder}/package-lock.json`, JSON.stringify(selected.lock));
    return Object.keys(selected.lock.packages).filter((each) =>
      isForHere(selected.lock.packages[each]),
    );
  };
  const expected = write(needsAddress(lock) ? await registryOf(folder, effects) : "");
  const measure = (progress) => showProgress(folder, expected, progress);
  const install = async (progress) => {
    let { code, output } = await runNpm(["ci", ...OPTIONS], folder, effects);
    if (code !== 0 && NOT_THERE.test(output)) {
      write("");
      ({ code, output } = await runNpm(["ci", ...OPTIONS], folder, effects));
    }
    if (code !== 0) throw npmFailure(code, output);
    measure(progress);
  };
  await withProgress("npm packages", effects.stderr, install, { measure });
}

/** Also below `npm run --silent`, which would hide why something failed. */
const OPTIONS = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"];

const needsAddress = ({ packages }) =>
  Object.values(packages).some(({ integrity, resolved }) => integrity && !resolved);

/** @returns {Promise<string>} without a slash at its end; empty where npm does not say */
async function registryOf(folder, effects) {
  const { code, output } = await runNpm(["config", "get", "registry"], folder, effects);
  return code === 0 ? (/^https?:\S+?(?=\/?$)/m.exec(output)?.[0] ?? "") : "";
}

function runNpm(args, folder, { interruption, env }) {
  const [command, ...before] = npmCommand(env);
  return runTool(command, [...before, ...args, "--prefix", folder], {
    interruption,
    env: withoutOuterNpm(env),
    cwd: folder,
  });
}

/** The npm that started us, if one did; it may not be on PATH. */
function npmCommand(env) {
  const isNpm = env.npm_execpath?.endsWith("npm-cli.js");
  return isNpm ? [process.execPath, env.npm_execpath] : ["npm"];
}

/** `npm start` tells its children its own folder, which is not the one to install in. */
function withoutOuterNpm(env) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => name !== "npm_config_local_prefix"),
  );
}

function npmFailure(code, output) {
  const said = output.trim().split("\n").slice(-12).join("\n");
  if (code === null) {
    return new SetupError(
      "npm is missing. It comes with Node; on Debian: sudo apt-get install npm",
    );
  }
  if (output.includes("EINTEGRITY")) {
    const cure = "Empty npm's cache (npm cache clean --force) and run again.";
    return new SetupError(`A package is not the one in package-lock.json. ${cure}\n${said}`);
  }
  if (output.includes("ENOSPC")) return Object.assign(new Error(said), { code: "ENOSPC" });
  if (NETWORK_FAILURE.test(output)) {
    const cure = "Check the connection (npm ping) and run the same command again.";
    return new SetupError(`npm could not reach its registry. ${cure}\n${said}`, EXIT.network);
  }
  return new SetupError(`npm ci failed; it said:\n${said}`);
}

/** The bar counts packages, as nobody knows their bytes before they are there. */
function showProgress(folder, expected, progress) {
  const there = expected.filter((each) => fs.existsSync(`${folder}/${each}/package.json`)).length;
  progress.update(folderBytes(`${folder}/node_modules`), Math.min(0.99, there / expected.length));
}

/** Bytes of all files below a folder that npm may be changing at this moment. */
function folderBytes(folder) {
  let bytes = 0;
  const entries = fs.existsSync(folder) ? fs.readdirSync(folder, { withFileTypes: true }) : [];
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) bytes += folderBytes(file);
    else if (entry.isFile()) bytes += fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

/** Every package that both have is of one version, so that nothing which is there has to go. */
function canGrow(root, partial) {
  const place = fs.lstatSync(`${root}/node_modules`, { throwIfNoEntry: false });
  if (!place?.isDirectory() || !fs.existsSync(noteFile(root))) return false;
  const [noted, fresh] = [notedIn(root), notedIn(partial)];
  return Object.keys(fresh).every(
    (folder) => !noted[folder] || noted[folder].version === fresh[folder].version,
  );
}

/** What an interrupted growth has left is not in the note, so it is replaced. */
function grow(root, partial) {
  const [before, fresh] = [notedIn(root), readJson(noteFile(partial))];
  for (const folder of Object.keys(fresh.packages).sort()) {
    const [from, to] = [`${partial}/${folder}`, `${root}/${folder}`];
    if (before[folder] || !fs.existsSync(from)) continue; // it came along with the package that it lies in
    fs.rmSync(to, { recursive: true, force: true });
    makeFolders(path.dirname(to));
    fs.renameSync(from, to);
  }
  addLinks(`${partial}/node_modules/.bin`, `${root}/node_modules/.bin`);
  const note = { ...fresh, packages: { ...before, ...fresh.packages } };
  fs.writeFileSync(noteFile(partial), JSON.stringify(note, null, 2));
  fs.renameSync(noteFile(partial), noteFile(root));
}

function addLinks(from, to) {
  if (!fs.existsSync(from)) return;
  makeFolders(to);
  for (const name of fs.readdirSync(from)) {
    const isThere = fs.lstatSync(`${to}/${name}`, { throwIfNoEntry: false }) !== undefined;
    if (!isThere) fs.renameSync(`${from}/${name}`, `${to}/${name}`);
  }
}

async function replace(root, partial, replaced) {
  try {
    if (fs.lstatSync(`${root}/node_modules`, { throwIfNoEntry: false }))
      fs.renameSync(`${root}/node_modules`, replaced);
    fs.renameSync(`${partial}/node_modules`, `${root}/node_modules`);
  } finally {
    await remove(replaced);
  }
}
